"""Publications that are kept, rewritten under the random words of people erased since."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from models.quoting import literal, quoted
from pipelines.base.files import take_place
from pipelines.extract.source.faults import translated
from pipelines.extract.state.words import plain
from pipelines.extract.state.working_file import open_beside

# (kind, what stood there as it is compared, what stands there now)
Word = tuple[str, str, str]
ID_IN_TEXT = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# Order numbers, hashes and codes stand in columns of their own; ids also within other text.
KIND_OF_COLUMN = {
    "order_id": "order",
    "token_hash": "token",
    "code": "code",
    "referral_code": "code",
    "referred_by_code": "code",
}


def rewrite_publications(files: Iterable[Path], words: Sequence[Word]) -> None:
    """Put the words in the place of what they replace, in every table of every file.

    Raises HypnomartError where a file cannot be read or written; it is then as before.
    """
    for file in sorted(files):
        if file.exists() and words:
            _rewrite(file, words)


def rewrite(path: Path) -> None:
    """Copy a DuckDB file into a fresh one and rename it over the old: freed blocks still hold
    deleted rows, a fresh file never did."""
    fresh = path.with_name(f"{path.name}.rewritten")
    for leftover in (fresh, Path(f"{fresh}.wal")):
        leftover.unlink(missing_ok=True)
    con = open_beside(fresh)
    try:
        con.execute("set preserve_insertion_order = true")  # marts are sorted by their time
        con.execute(f"attach {literal(str(path))} as old (read_only)")
        con.execute("copy from database old to warehouse")
        con.execute("detach warehouse")
        con.execute("detach old")
    except duckdb.Error as error:
        fresh.unlink(missing_ok=True)
        raise translated(error, f"rewriting {path}") from None
    finally:
        con.close()
    take_place(fresh, path)


def _rewrite(file: Path, words: Sequence[Word]) -> None:
    """In a copy, that is then copied again, so that no freed block holds what was replaced."""
    scratch = file.with_name(f"{file.name}.erasing")
    shutil.copy(file, scratch)
    con = duckdb.connect(str(scratch))
    try:
        con.execute("create temp table words (kind VARCHAR, plain VARCHAR, word VARCHAR)")
        con.executemany("insert into words values (?, ?, ?)", [list(word) for word in words])
        for statement in _statements(con):
            con.execute(statement)
    except duckdb.Error as error:
        scratch.unlink(missing_ok=True)
        raise translated(error, f"rewriting {file}") from None
    finally:
        con.close()
    rewrite(scratch)
    scratch.chmod(file.stat().st_mode & 0o777)
    take_place(scratch, file)


def _statements(con: duckdb.DuckDBPyConnection) -> list[str]:
    found = con.execute(
        "select c.schema_name, c.table_name, c.column_name, c.data_type from duckdb_columns() as c "
        "inner join duckdb_tables() as t using (database_name, schema_name, table_name) "
        "where c.database_name = current_database() and not t.temporary "
        "and c.data_type in ('UUID', 'VARCHAR') order by all"
    ).fetchall()
    statements = []
    for schema, table, column, kind in found:
        target, name = f"{quoted(schema)}.{quoted(table)}", f"t.{quoted(column)}"
        into = f"update {target} as t set {quoted(column)} = "
        if kind == "UUID":
            statements.append(
                f"{into} w.word::UUID from words as w "
                f"where w.kind = 'person' and w.plain = {name}::VARCHAR"
            )
        elif column in KIND_OF_COLUMN:
            word = KIND_OF_COLUMN[column]
            suffix = f"regexp_extract(trim({name}), '(\\.\\.[0-9]+)$', 1)"
            statements.append(
                f"{into} w.word || {suffix if word == 'order' else literal('')} from words as w "
                f"where w.kind = {literal(word)} and w.plain = {plain(word, name)}"
            )
        else:
            statements.append(
                f"{into} replace({name}, w.plain, w.word) from words as w where w.kind = 'person' "
                f"and w.plain = regexp_extract({name}, '{ID_IN_TEXT}')"
            )
    return statements
