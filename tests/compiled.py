"""Models of the project on made-up tables: their compiled SQL in DuckDB, dbt called once.

Hundreds of small worlds can so go through the project's own SQL, where a build of each would take
seconds.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipelines.transform.dbt import run_dbt
from tests.warehouse import PRINTED_BY_DBT, parsed_manifest, settings_at

Columns = Mapping[str, str]


@functools.cache
def compiled(*models: str) -> dict[str, tuple[str, str]]:
    """Relation and SQL of each model, by name."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_at(Path(folder))
        settings.warehouse.parent.mkdir(parents=True)
        command = ["compile", "--no-introspect", "--select", *models, *PRINTED_BY_DBT]
        result = run_dbt(settings, *command, manifest=parsed_manifest())
        assert result.success, result.exception
        nodes = [n.node for n in result.result.results if n.node.resource_type == "model"]
        return {node.name: (node.relation_name, node.compiled_code) for node in nodes}


def run_models(con: duckdb.DuckDBPyConnection, models: Sequence[str]) -> None:
    """Create the models in this order; what they read stands in the schemas of the project."""
    for name in models:
        relation, sql = compiled(*models)[name]
        con.execute(f"create or replace table {relation} as {sql}")


def new_working_file() -> duckdb.DuckDBPyConnection:
    """An empty working file in memory, by its own name, with the project's schemas."""
    con = duckdb.connect()
    con.execute("attach ':memory:' as warehouse; use warehouse")
    for schema in ("marts", "intermediate"):
        con.execute(f"create schema {schema}")
    con.execute("set timezone = 'UTC'")
    return con
