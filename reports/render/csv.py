"""CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import codecs
import re
import shutil
from pathlib import Path

import duckdb

from models.quoting import literal, quoted

# A spreadsheet takes a cell that begins with one of these signs, narrow or wide, for a formula,
# whatever blanks and unseen characters it drops before; and so the rest of a cell that it splits at
# the end of a line, a tab or, where a comma marks decimals, a semicolon. Each pattern is read alike
# by DuckDB's RE2 and by Python.
SIGNS = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
UNSEEN = (
    r"\x00-\x08\x0e-\x1b\x1f \x7f-\x84\x86-\xa0\u00ad\u061c\u1680\u180e\u2000-\u200f"
    r"\u202a-\u202f\u205f-\u206f\u3000\ufeff"
)
SPLIT = r"^|[;\n\r\t\x0b\x0c\x1c-\x1e\x85\u2028\u2029]"
FORMULAS = tuple(
    re.sub(r"\\u(\w{4})", lambda found: chr(int(found[1], 16)), pattern)
    for pattern in (rf"({SPLIT})([{UNSEEN}\"]*{SIGNS})", r"(^|\n)([\t\r])")
)
EXACT = (
    "BIGINT", "BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "INTEGER", "SMALLINT",
    "TIMESTAMP", "TINYINT", "UBIGINT", "UINTEGER", "UUID",
)  # fmt: skip


def write_csv(
    con: duckdb.DuckDBPyConnection, query: str, *, path: Path, with_bom: bool = False
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
    plain = f"cast({column} as varchar)"
    sign, tab = (f"regexp_replace({{}}, '{formula}', '\\1''\\2', 'g')" for formula in FORMULAS)
    # a pattern costs as much as writing the value; hardly one has a tab, which is soon seen
    has_tab = f"contains({plain}, chr(9)) or contains({plain}, chr(13))"
    text = sign.format(plain)
    return f"case when {has_tab} then {tab.format(text)} else {text} end as {column}"
