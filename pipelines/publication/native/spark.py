"""Build the marts in Apache Spark, from Parquet files of what was extracted: Parquet files again.

It is the same dbt project; what is Spark's own is said in dbt_project/macros/dialect.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from models.counting import counted
from models.errors import BadConfiguration, HypnomartError
from models.quoting import literal, quoted
from pipelines.base.private import PRIVATE
from pipelines.base.settings import BUILT_BY, Settings
from pipelines.publication.native.building import built, made
from pipelines.publication.native.shipped import (
    MADE,
    SHIPPED,
    Shipped,
    history_views,
    rows_of,
    shipped,
)
from pipelines.publication.native.spark_session import refuse_without_spark, spark_session
from pipelines.publication.targets.tables import Column
from pipelines.transform.manifest import read_manifest
from pipelines.transform.nodes import NodeResult

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TYPES = {
    "BOOLEAN": "boolean", "TINYINT": "smallint", "SMALLINT": "smallint", "INTEGER": "int",
    "BIGINT": "bigint", "HUGEINT": "decimal(38,0)", "UBIGINT": "decimal(20,0)", "DOUBLE": "double",
    "DATE": "date", "TIMESTAMP": "timestamp_ntz", "UUID": "string", "VARCHAR": "string",
}  # fmt: skip


EVENTS = "events"  # the folder of Spark's own log of what each stage did
TRANSIENT = ("shuffled", "warehouse")  # folders that nobody reads once the session has ended


def spark_folder(settings: Settings) -> Path:
    """Where Spark reads and writes, beside what is fetched of it. An erasure removes it."""
    return settings.home / f"{BUILT_BY}spark"


def refuse_spark(settings: Settings) -> None:
    """Raise BadConfiguration where a build would be refused: before anything takes its time."""
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
    folder = _emptied(spark_folder(settings))
    (folder / EVENTS).mkdir()
    with spark_session(folder, {"spark.eventLog.dir": f"{(folder / EVENTS).as_uri()}"}) as session:
        progress(f"{counted(_ship(session, settings, folder), 'row')} written to {folder}…")
        results = list(built(settings, "spark", {}, tests=tests))
        _write_views(session, settings, folder, made(results))
    for name in TRANSIENT:
        shutil.rmtree(folder / name, ignore_errors=True)
    return results


def parquet_of(settings: Settings, schema: str, name: str) -> str:
    """DuckDB: the rows of a model that Spark built."""
    return f"read_parquet({literal(str(spark_folder(settings) / schema / name / '*.parquet'))})"


def _write_views(
    session: SparkSession, settings: Settings, folder: Path, models: Collection[str]
) -> None:
    """Views end with the session: their rows are written beside the tables'."""
    for unique_id, node in read_manifest(settings)["nodes"].items():
        if unique_id in models and node["config"]["materialized"] == "view":
            schema, name = node["schema"], node["alias"]
            session.sql(
                f"create table {schema}.`{name}__rows` using parquet "
                f"location {_text(folder / schema / name)} as select * from {schema}.`{name}`"
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


def _emptied(folder: Path) -> Path:
    """The folder without what Spark left of an earlier build; what was fetched of that stays.
    Raises BadConfiguration where it cannot be written to."""
    try:
        folder.mkdir(mode=PRIVATE, exist_ok=True)
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
    except OSError as error:
        raise BadConfiguration(
            f"{folder} cannot be written to: {error.strerror}; give it back to its owner."
        ) from error
    return folder


def _ship(session: SparkSession, settings: Settings, folder: Path) -> int:
    """Write what was extracted and the seeds, and make them known; how many rows there are."""
    for schema in (*SHIPPED, *MADE):
        session.sql(f"create schema {schema} location {_text(folder / schema)}")
    with shipped(settings) as (con, tables):
        for table in tables:
            place = folder / table.schema / table.name
            _write(con, table, place)
            body = ", ".join(f"`{column.name}` {stored(column)}" for column in table.columns)
            session.sql(
                f"create table {table.schema}.`{table.name}` ({body}) using parquet "
                f"location {_text(place)}"
            )
        count = rows_of(con, tables)
    for statement in history_views("", "`"):
        session.sql(statement)
    return count


def _write(con: duckdb.DuckDBPyConnection, table: Shipped, place: Path) -> None:
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
