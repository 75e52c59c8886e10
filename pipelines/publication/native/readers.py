"""What the engines built that build the marts besides DuckDB, for DuckDB to read.

Commands offer PostgreSQL alone; docs/engines.md says how far Spark is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from models.quoting import literal, quoted
from pipelines.base.settings import Settings
from pipelines.publication.native.postgres import building_server
from pipelines.publication.native.shipping import THERE, prefix
from pipelines.publication.native.spark import mart_in_spark
from pipelines.publication.targets.copies import opened
from pipelines.publication.targets.tables import Column
from pipelines.transform.marts import Mart


@dataclass(frozen=True)
class Marts:
    """What an engine built, for DuckDB to read. `place`: where a mart is, in SQL; `kind`: the type
    that a column of this type has there."""

    con: duckdb.DuckDBPyConnection
    place: Callable[[Mart], str]
    kind: Callable[[str], str]


@contextmanager
def _in_postgres(settings: Settings) -> Iterator[Marts]:
    with building_server(settings) as (_, server), opened(settings, "postgres_scanner") as con:
        con.execute(f"attach {literal(server.conninfo)} as {THERE} (type postgres, read_only)")
        yield Marts(
            con,
            lambda mart: f"{THERE}.{quoted(prefix(server) + mart.schema)}.{quoted(mart.name)}",
            lambda kind: "VARCHAR" if Column("", kind, None).stored == "text" else kind,
        )


@contextmanager
def _in_spark(settings: Settings) -> Iterator[Marts]:
    with opened(settings) as con:
        yield Marts(
            con,
            lambda mart: mart_in_spark(settings, mart.name),
            lambda kind: {"UUID": "VARCHAR", "HUGEINT": "DECIMAL(38,0)"}.get(kind, kind),
        )


READERS = {"postgres": _in_postgres, "spark": _in_spark}
