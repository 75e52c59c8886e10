"""CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import codecs
import shutil
from pathlib import Path

import duckdb

from models.quoting import literal, quoted

# A spreadsheet takes a cell that begins like this for a formula, and so the rest of a cell that it
# splits at a line break or a tab. One after the other: what a first match takes in, such as the tab
# before a sign, is no beginning for a second.
FORMULAS = (r"(^|[\n\r\t])( *[=+\-@])", r"(^|\n)([\t\r])")
EXACT = (
    "BIGINT", "BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "INTEGER", "SMALLINT",
    "TIMESTAMP", "TINYINT", "UBIGINT", "UINTEGER", "UUID",
)  # fmt: skip


def write_csv(
    con: duckdb.DuckDBPyConnection, query: str, path: Path, *, with_bom: bool = False
) -> int:
    """Write a query's rows with a header; text that looks like a formula gets an apostrophe;
    Parquet holds it as it is.

    Times are UTC. `with_bom`: the file begins with the mark of UTF-8. Returns the number of rows.
    """
    described = con.execute(f"describe {query}").fetchall()
    columns = ", ".join(_harmless(name, type_name) for name, type_name, *_ in described)
    found = con.execute(
        f"copy (select {columns} from ({query})) to {literal(str(path))} (format csv, header true)"
    ).fetchone()
    if with_bom:
        _mark(path)
    return int(found[0]) if found else 0


def _mark(path: Path) -> None:
    marked = path.with_suffix(".marked")
    with path.open("rb") as plain, marked.open("wb") as stream:
        stream.write(codecs.BOM_UTF8)
        shutil.copyfileobj(plain, stream)
    marked.replace(path)


def _harmless(name: str, type_name: str) -> str:
    column = quoted(name)
    if type_name.split("(")[0] in EXACT:
        return column
    text = f"cast({column} as varchar)"
    for formula in FORMULAS:
        text = f"regexp_replace({text}, '{formula}', '\\1''\\2', 'g')"
    return f"{text} as {column}"
