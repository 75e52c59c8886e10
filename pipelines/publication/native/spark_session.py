"""Spark in this process: a session on this machine, which ends with the block."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import BadConfiguration
from pipelines.base.environment import java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OLDEST_JAVA = 17
# What any session is told, here or at a cluster.
OPTIONS = {
    # times without a zone, and text as it is written
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    # digits beyond 38 are an error, not a shorter fraction
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    # hundreds of small queries: to compile each to Java costs four times what it takes to run it
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.parquet.compression.codec": "zstd",
    # the forecast's fit is a query of seventy steps, whose text nobody reads
    "spark.sql.analyzer.maxIterations": "1000",
    "spark.sql.optimizer.maxIterations": "1000",
    "spark.sql.maxPlanStringLength": "1000",
    "spark.sql.cteRecursionLevelLimit": "-1",
    "spark.sql.cteRecursionRowLimit": "-1",
}
# One machine: a few parts, no page, nobody from outside.
LOCAL = {
    "spark.driver.extraJavaOptions": (
        "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC -Xss16m"
    ),
    "spark.driver.memory": "3g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    # what Spark's history server shows, where a folder for it is named
    "spark.eventLog.rolling.enabled": "false",
}


@dataclass(frozen=True)
class Spark:
    """Where statements run. `ask`: the rows that one gives; `prefix`: what the names of schemas
    begin with; `variables`: the environment that leads dbt there."""

    ask: Callable[[str], list[Any]]
    prefix: str
    variables: Mapping[str, str]


def refuse_without(*modules: str) -> None:
    """Raise BadConfiguration where one of them is missing."""
    if not all(map(importlib.util.find_spec, modules)):
        raise BadConfiguration("Spark is not installed; run `pip install 'hypnomart[spark]'`.")


def refuse_without_spark() -> None:
    """Raise BadConfiguration, in a sentence, where pyspark or Java is missing or too old."""
    refuse_without("pyspark", "dbt.adapters.spark")
    program = java()
    try:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        raise BadConfiguration(
            f"Spark needs Java {OLDEST_JAVA}, and {program} does not run; install it, or set "
            "JAVA_HOME to its folder."
        ) from None
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    if not found or int(found[1]) < OLDEST_JAVA:
        raise BadConfiguration(
            f"Spark needs Java {OLDEST_JAVA} or newer, and {program} is "
            f"{found[1] if found else 'of no version that it names'}; install it, or set JAVA_HOME "
            "to its folder."
        )


@contextmanager
def spark_session(folder: Path, options: Mapping[str, str]) -> Iterator[SparkSession]:
    """A session whose files, Spark's own words among them, lie below `folder`, which stands."""
    with _said_to(folder / "spark.log"):
        session = _begun({
            **OPTIONS,
            **LOCAL,
            "spark.local.dir": str(folder / "shuffled"),
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.eventLog.enabled": str("spark.eventLog.dir" in options).lower(),
            **options,
        })  # fmt: skip
    try:
        yield session
    finally:
        session.stop()


def _begun(options: Mapping[str, str]) -> SparkSession:
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    builder = builder.master("local[2]").appName("hypnomart")
    for name, value in options.items():
        builder = builder.config(name, value)
    session: SparkSession = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


@contextmanager
def _said_to(log: Path) -> Iterator[None]:
    """What is said of errors during a block goes to a file, for good by programs that begin in
    it: Java has a page of greetings."""
    there = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    before = os.dup(2)
    os.dup2(there, 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(there)
