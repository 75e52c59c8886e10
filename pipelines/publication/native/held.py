"""What another engine built, brought into a file as DuckDB's own working file is: the checks, the
gate and the publication read it there."""

from __future__ import annotations

import duckdb

from models.errors import HypnomartError
from models.quoting import literal, quoted
from models.tables import TABLES
from pipelines.base.files import take_place
from pipelines.base.meta_tables import META
from pipelines.base.private import PRIVATE
from pipelines.base.settings import Settings
from pipelines.extract.state.layout import history_view_sql
from pipelines.publication.native.shipped import WORKING_FILE
from pipelines.publication.native.shipping import THERE, prefix
from pipelines.publication.targets.copies import opened
from pipelines.publication.targets.server import Server, told
from pipelines.transform.check_models import is_of_checks
from pipelines.transform.marts import Manifest
from pipelines.transform.nodes import broken_contract, comments

HELD = "held"  # the catalog under which the new file is attached
OURS = ("raw", "past", "seeds")  # brought from the working file, which they were shipped from
TABLES_SQL = """
    select schema_name, table_name from duckdb_tables()
    where database_name = $database
        and (schema_name = any($schemas) or (schema_name = 'meta' and table_name = any($meta)))
    order by all
"""


def hold(settings: Settings, built: Settings, server: Server, manifest: Manifest) -> None:
    """Make the working file of `built` anew: what was extracted, and what stands at the server of
    it. What checks of earlier runs said goes on.

    Raises HypnomartError for a mart that is not of its contract's types, and where the server or
    the disk refuses.
    """
    try:
        _hold(settings, built, server, manifest)
    except duckdb.Error as error:
        raise told(error, server) from None


def _hold(settings: Settings, built: Settings, server: Server, manifest: Manifest) -> None:
    built.warehouse.parent.mkdir(mode=PRIVATE, exist_ok=True)
    fresh = built.warehouse.with_suffix(".unfinished")
    for leftover in (fresh, fresh.with_name(f"{fresh.name}.wal")):
        leftover.unlink(missing_ok=True)
    models = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and not is_of_checks(node)
    ]
    with opened(settings, "postgres_scanner") as con:
        con.execute(f"attach {literal(str(settings.warehouse))} as {WORKING_FILE} (read_only)")
        con.execute(f"attach {literal(server.conninfo)} as {THERE} (type postgres, read_only)")
        con.execute(f"attach {literal(str(fresh))} as {HELD}")
        results = WORKING_FILE  # which lends them where this engine was never checked
        if built.warehouse.exists():
            con.execute(f"attach {literal(str(built.warehouse))} as before (read_only)")
            results = "before"
        con.begin()
        for schema, name in _tables(con, WORKING_FILE, OURS, tuple(META)):
            _copy(con, f"{WORKING_FILE}.{quoted(schema)}", schema, name)
        for schema, name in _tables(con, results, ("quality",)):
            _copy(con, f"{results}.{quoted(schema)}", schema, name)
        for node in models:
            schema = node["schema"]
            _copy(con, f"{THERE}.{quoted(prefix(server) + schema)}", schema, node["alias"])
        con.commit()
    with duckdb.connect(str(fresh)) as con:
        con.execute("create schema history")
        for table in TABLES:
            if table.has_history:
                con.execute(history_view_sql(table))
        for node in models:
            con.execute(";\n".join(comments(node, "table")))
            if fault := broken_contract(con, node):
                raise HypnomartError(f"{node['name']}: {fault}")
    take_place(fresh, built.warehouse)


def _tables(
    con: duckdb.DuckDBPyConnection,
    database: str,
    schemas: tuple[str, ...],
    meta: tuple[str, ...] = (),
) -> list[tuple[str, str]]:
    given = {"database": database, "schemas": list(schemas), "meta": list(meta)}
    return con.execute(TABLES_SQL, given).fetchall()


def _copy(con: duckdb.DuckDBPyConnection, source: str, schema: str, name: str) -> None:
    con.execute(f"create schema if not exists {HELD}.{quoted(schema)}")
    here = f"{HELD}.{quoted(schema)}.{quoted(name)}"
    con.execute(f"create table {here} as from {source}.{quoted(name)}")
