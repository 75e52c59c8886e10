"""Build the marts in Apache Spark, from Parquet files of what was extracted: Parquet files again.

It is the same dbt project; what is Spark's own is said in dbt_project/macros/dialect.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from models.counting import counted
from models.errors import BadConfiguration, HypnomartError
from models.quoting import quoted
from pipelines.base.settings import Settings
from pipelines.publication.gate import newest_run_id
from pipelines.publication.native.building import built, made
from pipelines.publication.native.shipped import (
    MADE,
    SHIPPED,
    history_views,
    rows_of,
    shipped,
)
from pipelines.publication.native.spark_cluster import on_cluster, refuse_cluster
from pipelines.publication.native.spark_place import SparkPlace, spark_place
from pipelines.publication.native.spark_session import Spark, refuse_without_spark, spark_session
from pipelines.publication.targets.copies import temporary_folder
from pipelines.publication.targets.owner import built_of
from pipelines.publication.targets.tables import Column
from pipelines.transform.manifest import read_manifest
from pipelines.transform.nodes import NodeResult

TYPES = {
    "BOOLEAN": "boolean", "TINYINT": "smallint", "SMALLINT": "smallint", "INTEGER": "int",
    "BIGINT": "bigint", "HUGEINT": "decimal(38,0)", "UBIGINT": "decimal(20,0)", "DOUBLE": "double",
    "DATE": "date", "TIMESTAMP": "timestamp_ntz", "UUID": "string", "VARCHAR": "string",
}  # fmt: skip


EVENTS = "events"  # the folder of Spark's own log of what each stage did
TRANSIENT = ("shuffled", "warehouse")  # folders that nobody reads once the session has ended


def refuse_spark(settings: Settings) -> None:
    """Raise BadConfiguration or TargetUnavailable where a build would be refused: before anything
    takes its time."""
    if settings.cluster:
        refuse_cluster(settings, settings.cluster)
    else:
        refuse_without_spark()
    if not settings.warehouse.exists():
        raise BadConfiguration("Nothing was extracted yet; run `hypnomart extract` first.")


def build_in_spark(
    settings: Settings, *, progress: Callable[[str], None], tests: bool = False
) -> list[NodeResult]:
    """Write what was extracted to Parquet, then build models of it, and data tests if they are
    asked for: one result per node. Raises what `refuse_spark` does, and BuildFailed where dbt
    cannot read the project."""
    refuse_spark(settings)
    with shipped_to_spark(settings, progress=progress) as spark:
        results = list(built(settings, "spark", variables=spark.variables, tests=tests))
        _write_views(spark, settings, models=made(results))
    return results


@contextmanager
def shipped_to_spark(settings: Settings, *, progress: Callable[[str], None]) -> Iterator[Spark]:
    """Spark for a block, given what was extracted and the seeds. However the block ends, what
    Spark's stages handed to each other goes: it names people."""
    try:
        with _begun(settings) as spark:
            place = spark_place(settings)
            sent = _ship(spark, settings, place=place)
            progress(f"{counted(sent, 'row')} written to {place.store.place}…")
            yield spark
    finally:
        for name in TRANSIENT:
            shutil.rmtree(settings.spark_files / name, ignore_errors=True)


@contextmanager
def _begun(settings: Settings) -> Iterator[Spark]:
    """Spark, with an empty place and without what an earlier build made of it."""
    place, run_id = spark_place(settings), newest_run_id(settings)
    if settings.cluster:
        with on_cluster(settings, settings.cluster) as spark:
            for schema in (*MADE, *SHIPPED):
                spark.ask(f"drop schema if exists {spark.prefix}{schema} cascade")
            place.begin(run_id, without=(*SHIPPED, *MADE))
            yield spark
        return
    place.begin(run_id, without=(*SHIPPED, *MADE, EVENTS, *TRANSIENT))
    events = settings.spark_files / EVENTS
    events.mkdir()
    with spark_session(settings.spark_files, {"spark.eventLog.dir": events.as_uri()}) as session:
        yield Spark(lambda statement: session.sql(statement).collect(), "", {})


def _write_views(spark: Spark, settings: Settings, *, models: Collection[str]) -> None:
    """What a view gives is nowhere: its rows are written beside the tables'."""
    place = spark_place(settings)
    for unique_id, node in read_manifest(settings)["nodes"].items():
        if unique_id in models and node["config"]["materialized"] == "view":
            schema, name = node["schema"], node["alias"]
            spark.ask(
                f"create table {spark.prefix}{schema}.`{name}__rows` using parquet "
                f"location {_text(place.location(schema, name))} as "
                f"select * from {spark.prefix}{schema}.`{name}`"
            )


def stored(column: Column) -> str:
    """The type that Spark gives a column of DuckDB's. Raises HypnomartError where it has none."""
    if re.fullmatch(r"DECIMAL\(\d+,\d+\)", column.kind):
        return column.kind.lower()
    if column.kind not in TYPES:
        raise HypnomartError(
            f"Column {column.name} is of type {column.kind}, which has no counterpart in Spark."
        )
    return TYPES[column.kind]


def _ship(spark: Spark, settings: Settings, *, place: SparkPlace) -> int:
    """Write what was extracted and the seeds, and make them known; how many rows there are."""
    about = _text(built_of(newest_run_id(settings)))
    for schema in (*SHIPPED, *MADE):
        spark.ask(
            f"create schema {spark.prefix}{schema} comment {about} "
            f"location {_text(place.location(schema))}"
        )
    with temporary_folder(settings) as scratch, shipped(settings) as (con, tables):
        for table in tables:
            sent = ", ".join(map(_sent, table.columns))
            name = f"{table.schema}/{table.name}"
            place.write(con, f"select {sent} from {table.here}", name=name, scratch=scratch)
            body = ", ".join(f"`{column.name}` {stored(column)}" for column in table.columns)
            spark.ask(
                f"create table {spark.prefix}{table.schema}.`{table.name}` ({body}) using parquet "
                f"location {_text(place.location(table.schema, table.name))}"
            )
        count = rows_of(con, tables)
    for statement in history_views(spark.prefix, "`"):
        spark.ask(statement)
    return count


def _sent(column: Column) -> str:
    """DuckDB: a column as it is written."""
    name = quoted(column.name)
    kind = {"string": "varchar"}.get(stored(column), stored(column))
    return f"{name}::{kind.replace('_ntz', '')} as {name}"


def _text(text: str) -> str:
    """A literal of Spark's."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
