"""The schema of the marts at a PostgreSQL server, and when it is refused.

Whatever is refused is refused before anything is written there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from models.errors import BadConfiguration, TargetUnavailable
from pipelines.base.settings import Settings
from pipelines.base.target_settings import NEEDED
from pipelines.publication.targets.owner import COPIED, refuse_schema_of_another_home
from pipelines.publication.targets.server import (
    READER,
    Row,
    Server,
    connected,
    refuse_without_create,
    rows,
)

SCHEMAS = """
    select n.nspname::text as name, pg_get_userbyid(n.nspowner)::text as owner,
        coalesce(obj_description(n.oid, 'pg_namespace'), '') as comment,
        coalesce(starts_with(obj_description(n.oid, 'pg_namespace'), %(mark)s), false) as is_ours,
        pg_has_role(n.nspowner, 'usage') as may_replace
    from pg_catalog.pg_namespace as n
    where n.nspname = %(schema)s or n.nspname = %(schema)s || '_building'
        or starts_with(n.nspname, %(schema)s || '_previous_')
    order by 1
"""


def target_server(settings: Settings) -> Server:
    """The server that gets the marts. Raises BadConfiguration where none is set."""
    name = "HYPNOMART_TARGET_URL"
    if settings.target_url is None:
        raise BadConfiguration(f"{name} {NEEDED['postgres'][1]}")
    return Server(name, settings.target_url, settings.target_schema)


@contextmanager
def target(settings: Settings) -> Iterator[psycopg.Connection[Row]]:
    """A connection to the server that gets the marts, found fit to get them."""
    server = target_server(settings)
    with connected(server, settings) as (conn, facts):
        _refuse_schemas(conn, settings, facts=facts)
        _refuse_login(facts)
        yield conn


def _refuse_login(facts: Row) -> None:
    """Raise where the login may not make what the marts need."""
    refuse_without_create(facts)
    if not facts["has_reader"] and not facts["may_create_roles"]:
        raise TargetUnavailable(
            f"The role {READER}, by which the marts are read, does not exist, and the login "
            f"{facts['login']} may not create it; have an administrator run: create role {READER}."
        )


def _refuse_schemas(conn: psycopg.Connection[Row], settings: Settings, *, facts: Row) -> None:
    """Raise where a schema that would be replaced is somebody else's."""
    schema = settings.target_schema
    for found in rows(conn, SCHEMAS, schema=schema, mark=COPIED):
        if not found["is_ours"] and found["name"] not in (schema, f"{schema}_building"):
            continue
        if not found["is_ours"]:
            raise BadConfiguration(
                f"The target has a schema {found['name']} of {found['owner']} that no "
                "publication of hypnomart made; it stays as it is. Name another in "
                "HYPNOMART_TARGET_SCHEMA."
            )
        refuse_schema_of_another_home(
            settings, schema=found["name"], comment=found["comment"], place="The target"
        )
        if not found["may_replace"]:
            raise TargetUnavailable(
                f"Schema {found['name']} at the target belongs to {found['owner']}, and the login "
                f"{facts['login']} may not replace it; have {found['owner']} run: "
                f"grant {found['owner']} to {facts['login']}."
            )
