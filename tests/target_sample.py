"""Publications to bring to a target: every mart of the project filled by types, and oddities."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from pipelines.base.settings import Settings
from pipelines.publication.publish import publish
from pipelines.transform.marts import Mart, published_marts
from tests.published_sample import mart_tables
from tests.warehouse import parsed_project

# A value of each type by the number of its row, so that keys differ and references are found.
FILLED = {
    "BIGINT": "i", "INTEGER": "i", "BOOLEAN": "i % 2 = 0", "DATE": "date '2026-01-31' + i::integer",
    "DOUBLE": "i / 3", "TIMESTAMP": "timestamp '2026-01-31 23:59:59.999999' + to_days(i::integer)",
    "UUID": "format('00000000-0000-4000-8000-{:012d}', i)::uuid", "VARCHAR": "'word ' || i",
    "DECIMAL": "i + 0.0001",
}  # fmt: skip
ODD = """
create table marts.fct_odd as
select
    1::bigint as odd_id, 123456789012345.6789::decimal(19, 4) as amount_usd, 'nan'::double as rate,
    '-infinity'::double as other_rate, -0.0::double as nothing, 170141183460469231731687303715884::hugeint as huge,
    date '0001-01-01' as first_date, timestamp '2026-10-31 23:59:59.999999' as happened_at,
    'a'::enum('a', 'b') as choice, '' as text, ['x', null, ''] as words,
    'Zoë
"quoted", \\N \\. \t''; drop table x --' as "Select", true as is_odd,
    '00000000-0000-4000-8000-00000000000a'::uuid as user_id
union all
select
    2, -0.0001, 'infinity'::double, 1e-320, 0.0, -1, date '9999-12-31', timestamp '1969-12-31 23:59:59', 'b',
    null, null, null, null, null;
comment on table marts.fct_odd is 'One row per oddity, and nobody''s business.';
comment on column marts.fct_odd.amount_usd is 'What it cost, "US dollars".';
"""  # noqa: E501


def publish_all(settings: Settings, *, run_id: str = "run-1", rows: int = 5) -> list[Mart]:
    """Publish every mart of the project with rows that stand for nothing."""
    marts = published_marts(parsed_project())
    schemas = {mart.name: mart.schema for mart in marts}
    with _working_file(settings) as con:
        for statement in mart_tables():
            con.execute(statement)
        for name, schema in schemas.items():
            if schema:
                con.execute(f"create schema if not exists {schema}")
                columns = con.execute(f'describe main."{name}"').fetchall()
                values = ", ".join(
                    f"({FILLED[kind.split('(')[0]]})::{kind} as {column}"
                    for column, kind, *_ in columns
                )
                con.execute(
                    f"create table {schema}.{name} as select {values} from range({rows}) t(i)"
                )
                con.execute(f"comment on table {schema}.{name} is 'About {name}.'")
    publish(settings, run_id=run_id, marts=marts)
    return marts


def publish_odd(settings: Settings, *, run_id: str = "run-1", extra: str = "") -> None:
    """Publish one mart with two rows of odd values; `extra`: SQL on marts.fct_odd before that."""
    mart = Mart(
        "fct_odd", "marts", "area", "oddity", "question", "at once", "happened_at", ("odd_id",),
        ("amount_usd",), (),
    )  # fmt: skip
    with _working_file(settings) as con:
        con.execute("create schema marts")
        con.execute(ODD)
        con.execute(extra)
    publish(settings, run_id=run_id, marts=[mart])


def _working_file(settings: Settings) -> duckdb.DuckDBPyConnection:
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    settings.warehouse.unlink(missing_ok=True)
    return duckdb.connect(str(settings.warehouse))


def published_rows(path: Path, table: str) -> list[tuple[Any, ...]]:
    """A table of the published file, its rows as Python's values, in one order."""
    schema = "meta" if table in ("publication", "marts") else "main"
    with duckdb.connect(str(path), read_only=True) as con:
        return in_order(con.execute(f'from {schema}."{table}"').fetchall())


def target_rows(url: str, table: str, schema: str = "hypnomart") -> list[tuple[Any, ...]]:
    """The same of the target, read as any program of Python's would."""
    with psycopg.connect(url) as conn:
        query = f'select * from "{schema}"."{table}"'
        return in_order(conn.execute(query.encode()).fetchall())


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows sorted by what Python shows of them, which tells 0.0 from -0.0 and 1 from 1.0."""
    return sorted(rows, key=repr)


def words_of(lake: Path) -> str:
    """What every Parquet file of a lake holds, of all its versions."""
    with duckdb.connect(":memory:") as con:
        rows = [con.execute(f"from '{path}'").fetchall() for path in lake.rglob("*.parquet")]
    return str(rows)


def traces_at(url: str, word: str) -> set[str]:
    """Files of a server's database that hold a word, as bytes."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("checkpoint")
        found = conn.execute(
            "select current_setting('data_directory'), oid::text from pg_database "
            "where datname = current_database()"
        ).fetchone()
    assert found
    files = [path for path in (Path(found[0]) / "base" / found[1]).iterdir() if path.is_file()]
    return {path.name for path in files if word.encode() in path.read_bytes()}


def everything_at(url: str) -> list[tuple[Any, ...]]:
    """Every schema, relation and role of a server's database, with its owner and rights."""
    with psycopg.connect(url) as conn:
        return conn.execute(
            """
            select 'schema' as kind, nspname::text as name, nspowner::text as owner,
                nspacl::text as acl, obj_description(oid, 'pg_namespace') as about
            from pg_namespace where nspname not like 'pg\\_%'
            union all
            select 'relation', oid::regclass::text || oid, relowner::text, relacl::text,
                obj_description(oid, 'pg_class')
            from pg_class where relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
            union all select 'role', rolname::text, null, null, null from pg_roles
            order by 1, 2
            """
        ).fetchall()


def synchronised(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The files and folders, by number, that were brought to disk from now on, in their order."""
    found: list[int] = []
    really = os.fsync

    def fsync(descriptor: int) -> None:
        found.append(os.fstat(descriptor).st_ino)
        really(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return found
