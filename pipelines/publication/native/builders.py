"""Who builds the marts besides DuckDB, by the names that `--engine` gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import duckdb

from models.marts import MARTS
from models.quoting import literal, quoted
from pipelines.base.settings import Settings
from pipelines.publication.native.postgres import build_there, building_server, refuse_target
from pipelines.publication.native.shipping import THERE, prefix
from pipelines.publication.native.spark import build_in_spark, refuse_spark
from pipelines.publication.native.spark_place import spark_place
from pipelines.publication.targets import parquet, postgres
from pipelines.publication.targets.built import BuiltThere
from pipelines.publication.targets.copies import Brought, NotAsSent, come_back, opened
from pipelines.publication.targets.schema import target, target_server
from pipelines.publication.targets.server import told
from pipelines.publication.targets.tables import Column
from pipelines.transform.manifest import read_manifest
from pipelines.transform.marts import published_marts
from pipelines.transform.nodes import NodeResult


@dataclass(frozen=True)
class There:
    """What an engine built, for DuckDB to read. `place`: where a table is, in SQL, by schema and
    name; `kind`: the type that a column of this type has there."""

    con: duckdb.DuckDBPyConnection
    place: Callable[[str, str], str]
    kind: Callable[[str], str]

    def rows(self, schema: str, name: str, *, wanted: Mapping[str, str]) -> str:
        """The query of a table's rows in the types that DuckDB gives them: what the engine keeps in
        another type for want of the same is cast back, and nothing else is."""
        source = self.place(schema, name)
        made = dict(row[:2] for row in self.con.execute(f"describe from {source}").fetchall())
        columns = [
            f"{quoted(column)}::{wanted[column]} as {quoted(column)}"
            if column in wanted and kind != wanted[column] and self.kind(wanted[column]) == kind
            else quoted(column)
            for column, kind in made.items()
        ]
        return f"select {', '.join(columns)} from {source}"


class Build(Protocol):
    """Ships what was extracted, and has dbt build of it: one result per node."""

    def __call__(
        self, settings: Settings, *, progress: Callable[[str], None], tests: bool
    ) -> list[NodeResult]:
        """Raises BuildFailed where dbt cannot read the project, and what `refuse` does."""
        ...


@dataclass(frozen=True)
class Builder:
    """`refuse`: raises where a build would be refused, before anything takes its time; `tests`:
    whether it runs the data tests too, which DuckDB does else on what is fetched; `bringing`: how
    what it built reaches its target once it is published, none where no target is named."""

    refuse: Callable[[Settings], None]
    build: Build
    tests: bool
    reading: Callable[[Settings], AbstractContextManager[There]]
    bringing: Callable[[Settings], Callable[[Settings], Brought] | None]


@contextmanager
def _in_postgres(settings: Settings) -> Iterator[There]:
    with building_server(settings) as (_, server), opened(settings, "postgres_scanner") as con:
        try:
            con.execute(f"attach {literal(server.conninfo)} as {THERE} (type postgres, read_only)")
            yield There(
                con,
                lambda schema, name: f"{THERE}.{quoted(prefix(server) + schema)}.{quoted(name)}",
                lambda kind: "VARCHAR" if Column("", kind, None).stored == "text" else kind,
            )
        except duckdb.Error as error:
            raise told(error, server) from None


def _from_postgres(settings: Settings) -> Callable[[Settings], Brought]:
    """Where it built. Raises where the target cannot be reached or written to, and where marts
    there are not those that were checked."""
    refuse_target(settings)
    marts = published_marts(read_manifest(settings))
    there = BuiltThere(
        f"{prefix(target_server(settings))}{MARTS}",
        frozenset(mart.name for mart in marts if mart.schema == MARTS),
    )
    with target(settings) as conn:
        there.refuse_lacking(conn)
    _refuse_other(settings, there)
    return partial(postgres.bring, built=there)


def _refuse_other(settings: Settings, built: BuiltThere) -> None:
    """Raise ChecksFailed where a mart at the target is not as the checks read it."""
    with _in_postgres(settings) as there:
        there.con.execute(f"attach {literal(str(settings.warehouse))} as held (read_only)")
        for name in sorted(built.marts):
            held = f"held.{quoted(MARTS)}.{quoted(name)}"
            described = there.con.execute(f"describe {held}").fetchall()
            found = there.rows(MARTS, name, wanted=dict(row[:2] for row in described))
            try:
                come_back(there.con, name, sent=f"from {held}", place=f"({found})")
            except NotAsSent:
                raise built.other(name) from None


@contextmanager
def _in_spark(settings: Settings) -> Iterator[There]:
    with opened(settings) as con:
        place = spark_place(settings)
        yield There(
            con,
            lambda schema, name: place.rows(con, f"{schema}/{name}"),
            lambda kind: {"UUID": "VARCHAR", "HUGEINT": "DECIMAL(38,0)"}.get(kind, kind),
        )


def _as_parquet(settings: Settings) -> Callable[[Settings], Brought] | None:
    """Into the folder or store, if one is named. Raises where that refuses."""
    if settings.parquet is None:
        return None
    parquet.refuse(settings)
    return parquet.bring


BUILDERS = {
    "postgres": Builder(refuse_target, build_there, True, _in_postgres, _from_postgres),
    "spark": Builder(refuse_spark, build_in_spark, False, _in_spark, _as_parquet),
}
