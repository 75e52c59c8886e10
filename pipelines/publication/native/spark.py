"""Build the marts in Apache Spark, from Parquet files of what was extracted: Parquet files again.

It is the same dbt project; what is Spark's own is said in dbt_project/macros/dialect.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from models.counting import counted
from models.errors import BadConfiguration, HypnomartError
from models.quoting import literal, quoted
from pipelines.base.private import PRIVATE
from pipelines.base.settings import Settings
from pipelines.publication.native.building import built, made
from pipelines.publication.native.shipped import (
    MADE,
    SHIPPED,
    Shipped,
    history_views,
    rows_of,
    shipped,
)
from pipelines.publication.native.spark_cluster import on_cluster, refuse_cluster
from pipelines.publication.native.spark_session import Spark, refuse_without_spark, spark_session
from pipelines.publication.targets.server import BUILT
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
    with _begun(settings) as spark:
        progress(f"{counted(_ship(spark, settings), 'row')} written to {spark.folder}…")
        results = list(built(settings, "spark", variables=spark.variables, tests=tests))
        _write_views(spark, settings, models=made(results))
    for name in TRANSIENT:
        shutil.rmtree(settings.spark_files / name, ignore_errors=True)
    return results


@contextmanager
def _begun(settings: Settings) -> Iterator[Spark]:
    """Spark, with an empty folder and without what an earlier build made of it."""
    folder = settings.spark_files
    if settings.cluster:
        with on_cluster(settings, settings.cluster) as spark:
            for schema in (*MADE, *SHIPPED):
                spark.ask(f"drop schema if exists {spark.prefix}{schema} cascade")
            _empty(folder)
            yield spark
        return
    _empty(folder)
    (folder / EVENTS).mkdir()
    with spark_session(folder, {"spark.eventLog.dir": (folder / EVENTS).as_uri()}) as session:
        yield Spark(lambda statement: session.sql(statement).collect(), "", folder, {})


def parquet_of(settings: Settings, schema: str, *, name: str) -> str:
    """DuckDB: the rows of a model that Spark built."""
    return f"read_parquet({literal(str(settings.spark_files / schema / name / '*.parquet'))})"


def _write_views(spark: Spark, settings: Settings, *, models: Collection[str]) -> None:
    """What a view gives is nowhere: its rows are written beside the tables'."""
    for unique_id, node in read_manifest(settings)["nodes"].items():
        if unique_id in models and node["config"]["materialized"] == "view":
            schema, name = node["schema"], node["alias"]
            spark.ask(
                f"create table {spark.prefix}{schema}.`{name}__rows` using parquet "
                f"location {_text(spark.folder / schema / name)} as "
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


def _empty(folder: Path) -> None:
    """Remove what an earlier build left; what was fetched of that stays. Raises BadConfiguration
    where the folder cannot be written to."""
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        for name in (*SHIPPED, *MADE, EVENTS, *TRANSIENT):
            if (folder / name).exists():
                shutil.rmtree(folder / name)
    except OSError as error:
        raise BadConfiguration(
            f"{folder} cannot be written to: {error.strerror}; give it back to its owner."
        ) from error


def _ship(spark: Spark, settings: Settings) -> int:
    """Write what was extracted and the seeds, and make them known; how many rows there are."""
    for schema in (*SHIPPED, *MADE):
        spark.ask(
            f"create schema {spark.prefix}{schema} comment '{BUILT} by each build.' "
            f"location {_text(spark.folder / schema)}"
        )
    with shipped(settings) as (con, tables):
        for table in tables:
            place = spark.folder / table.schema / table.name
            _write(con, table, place=place)
            body = ", ".join(f"`{column.name}` {stored(column)}" for column in table.columns)
            spark.ask(
                f"create table {spark.prefix}{table.schema}.`{table.name}` ({body}) using parquet "
                f"location {_text(place)}"
            )
        count = rows_of(con, tables)
    for statement in history_views(spark.prefix, "`"):
        spark.ask(statement)
    return count


def _write(con: duckdb.DuckDBPyConnection, table: Shipped, *, place: Path) -> None:
    sent = ", ".join(map(_sent, table.columns))
    place.parent.mkdir(exist_ok=True)
    con.execute(
        f"copy (select {sent} from {table.here}) to {literal(str(place))} "
        "(format parquet, compression zstd, file_size_bytes '128MB')"
    )


def _sent(column: Column) -> str:
    """DuckDB: a column as it is written."""
    name = quoted(column.name)
    kind = {"string": "varchar"}.get(stored(column), stored(column))
    return f"{name}::{kind.replace('_ntz', '')} as {name}"


def _text(path: Path) -> str:
    """A path as a literal of Spark's."""
    escaped = str(path).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
