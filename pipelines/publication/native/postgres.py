"""Build the marts at a PostgreSQL server: dbt makes them there of what was shipped.

It is the same dbt project; what is PostgreSQL's own is said in dbt_project/macros/dialect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from models.counting import counted
from models.errors import BadConfiguration, TargetUnavailable
from pipelines.base.settings import Settings
from pipelines.publication.gate import newest_run_id
from pipelines.publication.native.building import built
from pipelines.publication.native.shipping import begin, drop, prefix, schemas, ship
from pipelines.publication.targets.owner import BUILT, refuse_schema_of_another_home
from pipelines.publication.targets.schema import target_server
from pipelines.publication.targets.server import (
    Row,
    Server,
    connected,
    refuse_without_create,
    rows,
)
from pipelines.publication.targets.swap import forget_samples
from pipelines.transform.nodes import NodeResult

OLDEST_MAJOR = 16  # the first that tells JSON from other text without an error
# Whole tables are joined: a nested loop comes of a wrong guess, and is left where nothing else can.
OPTIONS = (
    "-c timezone=UTC -c jit=off -c work_mem=64MB -c max_parallel_workers_per_gather=0 "
    "-c enable_nestloop=off"
)
SORTING = """
    select 'B' < 'a' collate "default" and lower('É' collate "default") = 'é' as is_by_bytes,
        datcollate as collation
    from pg_catalog.pg_database where datname = current_database()
"""
STANDING = """
    select nspname::text as name, pg_get_userbyid(nspowner)::text as owner,
        coalesce(obj_description(oid, 'pg_namespace'), '') as comment
    from pg_catalog.pg_namespace where nspname = any(%(names)s)
"""


def build_there(
    settings: Settings, *, progress: Callable[[str], None], tests: bool = True
) -> list[NodeResult]:
    """Ship, then build models and data tests at the target: one result per node.

    Raises BadConfiguration or TargetUnavailable where that cannot be done, in a sentence, and
    BuildFailed where dbt cannot read the project.
    """
    with building_server(settings) as (conn, server):
        begin(conn, server, run_id=newest_run_id(settings))
        sent, of = ship(conn, settings, server=server)
        progress(f"{sent:,} of {counted(of, 'row')} shipped to schemas {prefix(server)}…")
        return list(built(settings, "postgres", variables=_words_of_libpq(server), tests=tests))


def refuse_target(settings: Settings) -> None:
    """Raise where a build at the target would be refused: before anything takes its time."""
    with building_server(settings):
        pass


def forget_built(settings: Settings) -> bool:
    """Drop what was built at the target, which names people; whether there was anything."""
    server = target_server(settings)
    with connected(server, settings) as (conn, _):
        try:
            _refuse_schemas(conn, settings, server=server)
        except BadConfiguration:
            return False
        if found := drop(conn, server):
            forget_samples(conn)
    return found


@contextmanager
def building_server(settings: Settings) -> Iterator[tuple[psycopg.Connection[Row], Server]]:
    """A connection to the target, found fit to build there."""
    server = target_server(settings)
    if not settings.warehouse.exists():
        raise BadConfiguration("Nothing was extracted yet; run `hypnomart extract` first.")
    with connected(server, settings) as (conn, facts):
        refuse_without_create(facts)
        if facts["server"] < OLDEST_MAJOR * 10_000:
            raise TargetUnavailable(
                f"The target is PostgreSQL {facts['version']}; marts are built on {OLDEST_MAJOR} "
                "or newer, older ones get copies: `hypnomart publish --to postgres`."
            )
        (sorting,) = rows(conn, SORTING)
        if not sorting["is_by_bytes"]:
            raise TargetUnavailable(
                f"Text in the database {facts['database']} follows {sorting['collation']}; "
                "the marts need it sorted by bytes, and the lower case of every letter: create "
                "database hypnomart template template0 encoding 'UTF8' locale 'C.UTF-8'."
            )
        _refuse_schemas(conn, settings, server=server)
        yield conn, server


def _refuse_schemas(conn: psycopg.Connection[Row], settings: Settings, *, server: Server) -> None:
    """Raise where a schema that would be replaced is somebody else's."""
    for found in rows(conn, STANDING, names=schemas(server)):
        if not found["comment"].startswith(BUILT):
            raise BadConfiguration(
                f"The target has a schema {found['name']} of {found['owner']} that no build "
                "of hypnomart made; it stays as it is. Name another in HYPNOMART_TARGET_SCHEMA."
            )
        refuse_schema_of_another_home(
            settings, schema=found["name"], comment=found["comment"], place="The target"
        )


def _words_of_libpq(server: Server) -> dict[str, str]:
    """The environment that leads programs of PostgreSQL there; profiles.yml reads it."""
    names = {
        option.keyword.decode(): option.envvar.decode()
        for option in pq.Conninfo.get_defaults()
        if option.envvar
    }
    parts = conninfo_to_dict(server.conninfo)
    words = {names[key]: str(value) for key, value in parts.items() if key in names and value}
    return {**words, "PGOPTIONS": OPTIONS, "HYPNOMART_SCHEMA_PREFIX": prefix(server)}
