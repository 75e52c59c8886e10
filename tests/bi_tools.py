"""What a BI tool does with the marts at a PostgreSQL server, as a login of the reading role."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Inspector

from pipelines.publication.targets.server import READER
from pipelines.transform.marts import Mart
from tests.conftest import login_as

SCHEMA = "hypnomart"
FORBIDDEN = (
    "insert into hypnomart.dim_courses default values",
    "update hypnomart.fct_revenue set gross_usd = 0",
    "delete from hypnomart.fct_revenue",
    "truncate hypnomart.fct_revenue",
    "drop table hypnomart.fct_revenue",
    "create table hypnomart.own (i int)",
    "create index own on hypnomart.fct_revenue (user_id)",
    "comment on table hypnomart.fct_revenue is 'mine'",
)


def analyst_url(url: str, login: str) -> str:
    """The URL of a new login that is given the reading role, as docs/engines.md says."""
    with psycopg.connect(url) as conn:
        conn.execute(f"drop role if exists {login}".encode())
        conn.execute(f"create role {login} login".encode())
        conn.execute(f"grant {READER} to {login}".encode())
    return login_as(url, login)


def assert_bi_tools_read(analyst: str, marts: Sequence[Mart]) -> None:
    """The login reads every mart, finds keys, references, indexes and comments by reflection, and
    writes nothing."""
    with psycopg.connect(analyst, autocommit=True) as conn:
        for mart in marts:
            query = sql.SQL("select * from {} limit 1").format(sql.Identifier(SCHEMA, mart.name))
            columns = conn.execute(query).description or []
            assert [column.name for column in columns] == list(mart.columns), mart.name
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement.encode())
        beside = conn.execute(
            "select nspname::text from pg_namespace where nspname like 'hypnomart%' "
            "and nspname <> 'hypnomart' and has_schema_privilege(oid, 'usage')"
        )
        assert beside.fetchall() == [], "only what was approved is read"
    engine = create_engine(analyst.replace("postgresql:", "postgresql+psycopg:"))
    try:
        _assert_reflected(inspect(engine), marts)
    finally:
        engine.dispose()


def _assert_reflected(found: Inspector, marts: Sequence[Mart]) -> None:
    for mart in marts:
        key = found.get_pk_constraint(mart.name, SCHEMA)["constrained_columns"]
        assert tuple(key) == mart.key, mart.name
        if mart.schema:
            assert found.get_table_comment(mart.name, SCHEMA)["text"], mart.name
    references = {
        (one["constrained_columns"][0], one["referred_schema"], one["referred_table"])
        for one in found.get_foreign_keys("fct_revenue", SCHEMA)
    }
    assert {("user_id", SCHEMA, "dim_users"), ("product_key", SCHEMA, "dim_products")} <= references
    indexes = [one["column_names"] for one in found.get_indexes("fct_mrr_movements", SCHEMA)]
    assert ["movement_at"] in indexes and ["user_id"] in indexes
    kinds = {c["name"]: str(c["type"]) for c in found.get_columns("fct_revenue", SCHEMA)}
    assert kinds["gross_usd"] == "NUMERIC(18, 4)" and kinds["booked_at"] == "TIMESTAMP"
    assert all(column["comment"] for column in found.get_columns("restatements", SCHEMA))
