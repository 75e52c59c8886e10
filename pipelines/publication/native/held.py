"""What another engine built, brought into a file as DuckDB's own working file is: the checks, the
gate and the publication read it there."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping, Sequence

import duckdb

from models.errors import HypnomartError
from models.quoting import literal, quoted
from models.tables import TABLES
from pipelines.base.files import take_place
from pipelines.base.meta_tables import META
from pipelines.base.private import PRIVATE
from pipelines.base.settings import Settings
from pipelines.extract.state.layout import history_view_sql
from pipelines.publication.native.builders import Builder, There
from pipelines.publication.native.shipped import WORKING_FILE
from pipelines.transform.check_models import is_of_checks
from pipelines.transform.compiled import compiled
from pipelines.transform.making import broken_contract, comments
from pipelines.transform.marts import Manifest

HELD = "warehouse"  # the catalog under which the new file is attached: DuckDB's SQL names it so
OURS = ("raw", "past", "seeds")  # brought from the working file, which they were shipped from
TABLES_SQL = """
    select schema_name, table_name from duckdb_tables()
    where database_name = $database
        and (schema_name = any($schemas) or (schema_name = 'meta' and table_name = any($meta)))
    order by all
"""


def hold(settings: Settings, built: Settings, *, builder: Builder, manifest: Manifest) -> None:
    """Make the working file of `built` anew: what was extracted, and what the engine made of it.
    What checks of earlier runs said goes on.

    Raises HypnomartError for a mart that is not of its contract's types, and where the engine or
    the disk refuses.
    """
    built.warehouse.parent.mkdir(mode=PRIVATE, exist_ok=True)
    fresh = built.warehouse.with_suffix(".unfinished")
    for leftover in (fresh, fresh.with_name(f"{fresh.name}.wal")):
        leftover.unlink(missing_ok=True)
    models = {id: node for id, node in manifest["nodes"].items() if _is_fetched(node)}
    sql = compiled(settings, list(models))
    order = graphlib.TopologicalSorter(
        {id: models.keys() & set(node["depends_on"]["nodes"]) for id, node in models.items()}
    )
    with builder.reading(settings) as there:
        con = there.con
        con.execute(f"attach {literal(str(settings.warehouse))} as {WORKING_FILE} (read_only)")
        con.execute(f"attach {literal(str(fresh))} as {HELD}")
        con.execute(f"use {HELD}")
        results = WORKING_FILE  # which lends them where this engine was never checked
        if built.warehouse.exists():
            con.execute(f"attach {literal(str(built.warehouse))} as before (read_only)")
            results = "before"
        con.begin()
        for schema, name in _tables(con, WORKING_FILE, schemas=OURS, meta=tuple(META)):
            _copy(
                con,
                schema,
                name=name,
                select=f"from {WORKING_FILE}.{quoted(schema)}.{quoted(name)}",
            )
        for schema, name in _tables(con, results, schemas=("quality",)):
            _copy(con, schema, name=name, select=f"from {results}.{quoted(schema)}.{quoted(name)}")
        con.execute("create schema history")
        for table in TABLES:
            if table.has_history:
                con.execute(history_view_sql(table))
        for unique_id in order.static_order():
            _fetch(there, models[unique_id], sql=sql)
        con.commit()
    take_place(fresh, built.warehouse)


def _is_fetched(node: Manifest) -> bool:
    return node["resource_type"] == "model" and not is_of_checks(node)


def _fetch(there: There, node: Manifest, *, sql: Mapping[str, str]) -> None:
    """A model's rows, in the types that DuckDB gives it."""
    con, schema, name = there.con, node["schema"], node["alias"]
    wanted = dict(row[:2] for row in con.execute(f"describe {sql[node['unique_id']]}").fetchall())
    _copy(con, schema, name=name, select=there.rows(schema, name, wanted=wanted))
    con.execute(";\n".join(comments(node, "table")))
    if fault := broken_contract(con, node):
        raise HypnomartError(f"{node['name']}: {fault}")


def _tables(
    con: duckdb.DuckDBPyConnection,
    database: str,
    *,
    schemas: Sequence[str],
    meta: Sequence[str] = (),
) -> list[tuple[str, str]]:
    given = {"database": database, "schemas": list(schemas), "meta": list(meta)}
    return con.execute(TABLES_SQL, given).fetchall()


def _copy(con: duckdb.DuckDBPyConnection, schema: str, *, name: str, select: str) -> None:
    con.execute(f"create schema if not exists {HELD}.{quoted(schema)}")
    con.execute(f"create table {HELD}.{quoted(schema)}.{quoted(name)} as {select}")
