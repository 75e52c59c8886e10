"""Working files of versions 0.1 and 0.2 are taken over when they are opened."""

from __future__ import annotations

import duckdb

from models.quoting import quoted
from models.tables import TABLES
from pipelines.base.meta_tables import ERASED, ERASED_WORDS, create_table_sql


def bring_up_to_date(con: duckdb.DuckDBPyConnection) -> None:
    """Give a file of an earlier version today's layout; others stay as they are.

    Before any source is attached: to list tables is to load the catalogues of all of them.
    """
    con.begin()
    found = con.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = current_database() order by all"
    ).fetchall()
    kept = [name for schema, name in found if schema == "history"]
    for statement in (*_to_past(kept), *_to_words(("meta", "erased_persons") in found)):
        con.execute(statement)
    con.commit()


def _to_past(names: list[str]) -> list[str]:
    """Before 0.2 history.* were tables: their versions go to past.*."""
    if not names:
        return []
    seen = " union ".join(f"select _seen_at, _run_id from history.{quoted(n)}" for n in names)
    statements = [
        "create schema past",
        f"create table meta.snapshots as select _seen_at as as_of_at, max(_run_id) as run_id "
        f"from ({seen}) group by all",
    ]
    for table in TABLES:
        raw = f"raw.{quoted(table.name)}"
        statements += [
            f"alter table {raw} add column _is_update BOOLEAN",
            f"alter table {raw} drop column _run_id",
        ]
        if table.has_history and table.name not in names:  # kept none then: what stands is known
            statements.append(f"update {raw} set _is_update = false")
    for name in map(quoted, names):
        statements += [
            f"create table past.{name} as select * exclude (_run_id) from history.{name}",
            f"drop table history.{name}",
        ]
    return statements


def _to_words(has_persons: bool) -> list[str]:
    """Before 0.3 rows of people erased were left out: they are read under a random id now."""
    if not has_persons:
        return []
    return [
        create_table_sql("meta", "erased_words", columns=ERASED_WORDS),
        create_table_sql("meta", "erased", columns=ERASED),
        "insert into meta.erased_words "
        "select 'person', person_hash, uuid()::VARCHAR from meta.erased_persons",
        "insert into meta.erased select word::UUID, current_timestamp::TIMESTAMP "
        "from meta.erased_words where word_hash in (select person_hash from meta.erased_persons)",
        "drop table meta.erased_persons",
        "drop table if exists meta.suppressed_rows",
    ]
