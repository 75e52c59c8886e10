"""A cluster reads and writes an object store, and what it wrote is read back there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.errors import TargetUnavailable
from pipelines.base.settings import Settings
from pipelines.base.spark_settings import cluster
from pipelines.publication.erasure.erase import erase
from pipelines.publication.native.builders import BUILDERS
from pipelines.publication.native.parity import compared
from pipelines.publication.native.shipped import shipped
from pipelines.publication.native.spark import build_in_spark, refuse_spark, shipped_to_spark
from pipelines.publication.native.spark_place import OWNER
from tests.integration.conftest import Built
from tests.s3_server import LOGIN, new_bucket, s3_server
from tests.thrift_server import thrift_server
from tests.warehouse import build, quiet

pytestmark = pytest.mark.spark

# hadoop-aws is older than Spark's own Hadoop, whose defaults it does not read: `60s`, a class
OLDER = {
    "aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
    "threads.keepalivetime": "60",
    "connection.timeout": "200000",
    "connection.establish.timeout": "5000",
    "multipart.purge.age": "86400",
}


def jars() -> list[str]:
    """The files by which Spark reads s3a://, from a package that carries them."""
    folder = Path(__file__).parents[2] / ".venv" / "s3a" / "sagemaker_pyspark" / "jars"
    return [str(path) for name in ("hadoop-aws-*", "aws-java-sdk-bundle-*")
            for path in folder.glob(f"{name}.jar")]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Thrift server that reads an S3 of this machine, to which the environment leads."""
    if len(jars()) != 2:
        pytest.skip("no hadoop-aws here: `make spark` installs it")
    with s3_server() as words, pytest.MonkeyPatch.context() as environment:
        for name, text in words.items():
            environment.setenv(name, text)
        told = {
            "endpoint": words["AWS_ENDPOINT_URL"],
            "access.key": LOGIN["AWS_ACCESS_KEY_ID"],
            "secret.key": LOGIN["AWS_SECRET_ACCESS_KEY"],
            "path.style.access": "true",
            "connection.ssl.enabled": "false",
            "change.detection.mode": "none",
            **OLDER,
        }
        options = {f"spark.hadoop.fs.s3a.{name}": text for name, text in told.items()}
        folder = tmp_path_factory.mktemp("thrift")
        with thrift_server(
            folder, {"spark.driver.extraClassPath": ":".join(jars()), **options}
        ) as url:
            yield url


@pytest.fixture
def settings(built: Built, server: str) -> tuple[Settings, Any, str]:
    """A home whose marts the cluster builds in a bucket of its own."""
    store, bucket = new_bucket()
    found = cluster({"HYPNOMART_SPARK_URL": server}, f"s3://{bucket}/spark")
    return replace(built.settings, cluster=found), store, bucket


def objects(store: Any, bucket: str) -> set[str]:
    """The names of a bucket's objects, without those that stand for folders."""
    store.invalidate_cache()
    return {path.partition("/")[2] for path in store.find(bucket)}


@pytest.mark.parametrize("built", ["all"], indirect=True)
def test_a_cluster_reads_what_was_shipped_to_a_store_and_writes_there(
    built: Built, settings: tuple[Settings, Any, str]
) -> None:
    home, store, bucket = settings
    refuse_spark(home)
    assert objects(store, bucket) == set(), "a probe is left"
    with shipped(home) as (con, tables):
        here = {f"{one.schema}.{one.name}": count(con.execute, one.here) for one in tables}
    with shipped_to_spark(home, progress=quiet) as spark:
        there = {name: count(spark.ask, f"{spark.prefix}{name}") for name in here}
        spark.ask(
            f"create table {spark.prefix}marts.people using parquet as select user_id "
            f"from {spark.prefix}raw.user_profile"
        )
    assert there == here and here["raw.user_profile"] > 1000 and sum(here.values()) > 10_000
    assert f"spark/built_by_spark/{OWNER}" in objects(store, bucket)
    with BUILDERS["spark"].reading(home) as found:
        place = found.place("marts", "people")
        people = found.con.execute(f"select user_id from {place} order by 1").fetchall()
    assert people == sorted(
        (str(row["user_id"]),) for row in built.rows("select user_id from raw.user_profile")
    )
    erase(home, people[0][0])
    assert objects(store, bucket) == set(), "what a cluster built names the person too"


@pytest.mark.parametrize("built", ["all"], indirect=True)
def test_a_store_that_refuses_is_told(settings: tuple[Settings, Any, str]) -> None:
    home, *_ = settings
    assert home.cluster
    nobodys = replace(home, cluster=replace(home.cluster, folder="s3://nobodys/spark"))
    with pytest.raises(TargetUnavailable) as caught:
        refuse_spark(nobodys)
    said = str(caught.value)
    assert said.startswith("s3://nobodys/spark/built_by_spark refuses a build's files: ")
    assert "HYPNOMART_SPARK_FOLDER" in said


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("built", ["all"], indirect=True)
def test_a_cluster_gives_the_marts_of_duckdb_in_a_store(
    built: Built, settings: tuple[Settings, Any, str]
) -> None:
    home, *_ = settings
    build(built.settings)
    results = build_in_spark(home, progress=quiet)
    assert [(one.name, one.message) for one in results if one.status != "success"] == []
    assert [mart.fault for mart in compared(home, "spark") if not mart.is_equal] == []


def count(ask: Any, table: str) -> int:
    """How many rows a table holds, here or there."""
    answer = ask(f"select count(*) from {table}")
    rows = answer if isinstance(answer, list) else answer.fetchall()
    return int(rows[0][0])
