"""Publications, rewritten under the random words of people erased since."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from models.errors import HypnomartError
from models.inserting import insert_rows
from models.quoting import literal, quoted
from pipelines.base.file_faults import is_damaged
from pipelines.base.files import take_place
from pipelines.extract.source.faults import translated
from pipelines.extract.state.words import plain
from pipelines.extract.state.working_file import open_beside
from pipelines.publication.publications import ERASING

# (kind, what stood there as it is compared, what stands there now)
Word = tuple[str, str, str]
ID_IN_TEXT = "(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# Order numbers, hashes and codes stand in columns of their own; ids also within other text.
KIND_OF_COLUMN = {
    "order_id": "order",
    "token_hash": "token",
    "code": "code",
    "referral_code": "code",
    "referred_by_code": "code",
}


def rewrite_publications(files: Iterable[Path], words: Sequence[Word], *, erased: int) -> None:
    """Put the words in the place of what they replace, in every table of every file, which then
    says how many people are `erased` in it.

    Raises HypnomartError that names a file which cannot be read or written; it is then as before.
    """
    for file in sorted(files):
        if file.exists() and words:
            try:
                _rewrite(file, words, erased=erased)
            except OSError as error:
                raise HypnomartError(
                    f"{file} could not be rewritten without who is erased: {error.strerror}; "
                    "mend that and try again. The working file is as before."
                ) from error


def rewrite(path: Path, *, compression: str = "uncompressed") -> None:
    """Copy a DuckDB file into a fresh one and rename it over the old: freed blocks still hold
    deleted rows, a fresh file never did. The working file is not compressed."""
    fresh = path.with_name(f"{path.name}.rewritten")
    for leftover in (fresh, Path(f"{fresh}.wal")):
        leftover.unlink(missing_ok=True)
    con = open_beside(fresh)
    try:
        con.execute("set preserve_insertion_order = true")  # marts are sorted by their time
        con.execute(f"set force_compression = {literal(compression)}")
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


def _rewrite(file: Path, words: Sequence[Word], *, erased: int) -> None:
    """In a copy, that is then copied again, so that no freed block holds what was replaced."""
    scratch = file.with_name(f"{file.name}{ERASING}")
    try:
        shutil.copy(file, scratch)
        with duckdb.connect(str(scratch)) as con:
            con.execute("create temp table words (kind VARCHAR, plain VARCHAR, word VARCHAR)")
            insert_rows(con, "words", rows=words)
            _replace(con, erased)
        rewrite(scratch, compression="auto")
        scratch.chmod(file.stat().st_mode & 0o777)
        take_place(scratch, file)
    except duckdb.Error as error:
        if is_damaged(error):
            raise HypnomartError(
                f"{file} is damaged, and may name who is to be erased; delete it and try again. "
                "The working file is as before."
            ) from None
        raise translated(error, f"rewriting {file}") from None
    finally:
        for leftover in (scratch, Path(f"{scratch}.wal")):
            leftover.unlink(missing_ok=True)


def _replace(con: duckdb.DuckDBPyConnection, erased: int) -> None:
    found = con.execute(
        "select c.schema_name, c.table_name, c.column_name, c.data_type from duckdb_columns() as c "
        "inner join duckdb_tables() as t using (database_name, schema_name, table_name) "
        "where c.database_name = current_database() and not t.temporary "
        "and (c.data_type in ('UUID', 'VARCHAR') or c.column_name = 'erased') order by all"
    ).fetchall()
    for schema, table, column, kind in found:
        target = f"{quoted(schema)}.{quoted(table)}"
        if kind == "UUID":
            con.execute(
                f"update {target} as t set {quoted(column)} = w.word::UUID from words as w "
                f"where w.kind = 'person' and w.plain = t.{quoted(column)}::VARCHAR"
            )
        elif column in KIND_OF_COLUMN:
            _replace_words(con, target, column=column)
        elif kind == "VARCHAR":
            _replace_in_text(con, target, column=column)
        elif target == '"meta"."publication"':
            con.execute(f"update {target} set erased = ?", [erased])


def _replace_words(con: duckdb.DuckDBPyConnection, target: str, *, column: str) -> None:
    kind, name = KIND_OF_COLUMN[column], f"t.{quoted(column)}"
    suffix = f"regexp_extract(trim({name}), '(\\.\\.[0-9]+)$', 1)"
    con.execute(
        f"update {target} as t set {quoted(column)} = "
        f"w.word || {suffix if kind == 'order' else literal('')} from words as w "
        f"where w.kind = {literal(kind)} and w.plain = {plain(kind, name)}"
    )


def _replace_in_text(con: duckdb.DuckDBPyConnection, target: str, *, column: str) -> None:
    """An update replaces one id of each text; texts such as lists of keys hold several."""
    name, ids = quoted(column), f"regexp_extract_all({quoted(column)}, {literal(ID_IN_TEXT)})"
    statement = (
        f"update {target} as t set {name} = replace(t.{name}, held.id, w.word) "
        f"from (select rowid as line, unnest({ids}) as id from {target}) as held "
        "inner join words as w on w.kind = 'person' and w.plain = lower(held.id) "
        "where t.rowid = held.line"
    )
    while con.execute(statement).fetchone() != (0,):
        pass
    if column == "failing_keys":  # orders and codes among them are the keys of nobody else's rows
        con.execute(
            f"update {target} as t set {name} = '' where exists ("
            f"select 1 from words as w where contains(lower(t.{name}), lower(w.plain)))"
        )
