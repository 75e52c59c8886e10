"""A cluster builds through its Thrift server, what refuses is told, and nothing is written."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.errors import BadConfiguration, HypnomartError, TargetUnavailable
from pipelines.base.settings import Settings
from pipelines.base.spark_settings import Cluster, cluster
from pipelines.publication.erasure.erase import erase
from pipelines.publication.native.parity import compared
from pipelines.publication.native.spark import build_in_spark, refuse_spark
from pipelines.publication.native.spark_place import OWNER, SparkPlace, spark_place
from pipelines.publication.targets.owner import built_of
from tests.integration.conftest import Built
from tests.s3_server import new_bucket, s3_server
from tests.thrift_server import thrift_server
from tests.warehouse import build, quiet, settings_at, write_raw

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with thrift_server(tmp_path_factory.mktemp("thrift")) as url:
        yield url


@pytest.fixture
def settings(server: str, tmp_path: Path) -> Settings:
    """A home without an extraction, whose marts a cluster is to build."""
    found = cluster({"HYPNOMART_SPARK_URL": server}, str(tmp_path / "shared"))
    return settings_at(tmp_path, cluster=found)


def holding(settings: Settings, run_id: str) -> None:
    """Enter a run among those that were extracted into a home."""
    write_raw(settings, {}, as_of=datetime(2026, 10, 31, tzinfo=UTC), run_id=run_id)


def ask(settings: Settings, *statements: str) -> list[Any]:
    """What the server says of the last statement."""
    from pyhive import hive

    assert settings.cluster
    with hive.connect(settings.cluster.host, settings.cluster.port, username="else") as con:
        cursor = con.cursor()
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def refusal(settings: Settings) -> tuple[type[HypnomartError], str]:
    """How a build is refused, with nothing written."""
    with pytest.raises(HypnomartError) as caught:
        refuse_spark(settings)
    assert settings.cluster and not list(Path(settings.cluster.folder).glob("*"))
    return type(caught.value), str(caught.value)


def test_what_is_ready_is_not_refused_but_for_what_was_extracted(settings: Settings) -> None:
    kind, said = refusal(settings)
    assert kind is BadConfiguration and "run `hypnomart extract` first" in said
    assert [name for (name,) in ask(settings, "show schemas")] == ["default"]


def test_a_cluster_that_is_down_is_told(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert settings.cluster
    kind, said = refusal(replace(settings, cluster=replace(settings.cluster, port=port)))
    assert kind is TargetUnavailable and kind.exit_code == 3
    assert f"Cannot connect to Spark at thrift://analyst@127.0.0.1:{port}: " in said


def test_a_server_that_is_none_of_spark_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also one that says nothing, in one sentence and not with what the driver logs."""
    monkeypatch.setattr("pipelines.publication.native.spark_cluster.ANSWERS", 1)
    assert settings.cluster
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_one = replace(settings.cluster, port=silent.getsockname()[1])
        nowhere = replace(settings.cluster, host="nowhere.invalid")
        for other in (silent_one, nowhere):
            kind, said = refusal(replace(settings, cluster=other))
            assert kind is TargetUnavailable and f"Cannot connect to Spark at {other.place}" in said
    assert capfd.readouterr().err == ""


def test_a_schema_of_others_stays_as_it_is(settings: Settings) -> None:
    ask(settings, "create schema hypnomart_raw comment 'of the team'")
    try:
        kind, said = refusal(settings)
    finally:
        ask(settings, "drop schema hypnomart_raw")
    assert kind is BadConfiguration and "a schema hypnomart_raw that no build of hypnomart" in said


def test_a_schema_of_another_home_stays_as_it_is(settings: Settings) -> None:
    """Each build would take the other's away."""
    holding(settings, "run-here")
    ask(settings, f"create schema hypnomart_raw comment '{built_of('run-there')}'")
    try:
        kind, said = refusal(settings)
        assert kind is BadConfiguration and "run run-there, which this home never made" in said
        assert "a schema hypnomart_raw" in said and "HYPNOMART_TARGET_SCHEMA" in said
        holding(settings, "run-there")
        refuse_spark(settings)
    finally:
        ask(settings, "drop schema hypnomart_raw")


def test_another_prefix_that_begins_alike_is_not_in_the_way(settings: Settings) -> None:
    holding(settings, "run-here")
    ask(settings, "create schema hypnomart_test_raw comment 'of the team'")
    try:
        refuse_spark(settings)
    finally:
        ask(settings, "drop schema hypnomart_test_raw")


def test_a_folder_of_another_home_stays_as_it_is(settings: Settings, tmp_path: Path) -> None:
    """Neither a build nor an erasure here takes away what the other built."""
    other = replace(settings, home=tmp_path / "other")
    for one, run_id in ((settings, "run-here"), (other, "run-there")):
        holding(one, run_id)
    spark_place(other).begin("run-there", without=())
    with pytest.raises(BadConfiguration) as caught:
        refuse_spark(settings)
    said = str(caught.value)
    assert settings.spark_place in said and "run run-there, which this home never made" in said
    spark_place(settings).forget(settings)
    assert Path(settings.spark_place, OWNER).exists()
    refuse_spark(other)
    spark_place(other).forget(other)
    assert not Path(settings.spark_place).exists()


def test_a_folder_that_cannot_be_written_to_is_told(settings: Settings) -> None:
    assert settings.cluster
    kind, said = refusal(replace(settings, cluster=replace(settings.cluster, folder="/proc/x")))
    assert kind is BadConfiguration and "/proc/x/built_by_spark cannot be written to" in said


def test_a_folder_that_the_cluster_does_not_see_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where only this machine mounts it: the cluster looks at another path."""
    monkeypatch.setattr(SparkPlace, "location", lambda _, name: f"/elsewhere/{name}")
    kind, said = refusal(settings)
    assert kind is TargetUnavailable and "does not read" in said and "at the same path" in said
    assert "PATH_NOT_FOUND" in said and "\n" not in said


def test_a_cluster_without_the_files_for_a_store_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.cluster
    with s3_server() as words:
        for name, text in words.items():
            monkeypatch.setenv(name, text)
        store, bucket = new_bucket()
        with pytest.raises(TargetUnavailable) as caught:
            place = replace(settings.cluster, folder=f"s3://{bucket}/spark")
            refuse_spark(replace(settings, cluster=place))
        store.invalidate_cache()
        assert store.find(bucket) == []
    said = str(caught.value)
    assert f"does not read s3://{bucket}/spark/built_by_spark" in said and "hadoop-aws" in said
    assert "direct query on files" in said and "\n" not in said


@pytest.mark.parametrize(
    ("url", "folder", "told"),
    [
        ("sc://spark:15002", "/mnt", "of Spark Connect, which dbt-spark does not speak"),
        ("thrift://me:s3cret@spark", "/mnt", "without a password"),
        ("http://spark:10000", "/mnt", "HYPNOMART_SPARK_URL is none"),
        ("thrift://spark:port", "/mnt", "HYPNOMART_SPARK_URL is none"),
        ("thrift://spark", None, "HYPNOMART_SPARK_URL is set, HYPNOMART_SPARK_FOLDER not"),
        (None, "/mnt", "HYPNOMART_SPARK_FOLDER is set, HYPNOMART_SPARK_URL not"),
    ],
)
def test_what_is_no_cluster_is_told(url: str | None, folder: str | None, told: str) -> None:
    given = {"HYPNOMART_SPARK_URL": url} if url else {}
    with pytest.raises(BadConfiguration) as caught:
        cluster(given, folder)
    assert told in str(caught.value) and "s3cret" not in str(caught.value)


def test_a_url_may_leave_out_user_and_port() -> None:
    found = cluster({"HYPNOMART_SPARK_URL": "thrift://spark"}, "/mnt")
    assert found == Cluster("spark", 10_000, "/mnt", "hypnomart")


@pytest.mark.slow
@pytest.mark.timeout(3600)  # as of a session of this machine, with a server beside it
@pytest.mark.parametrize("built", ["all"], indirect=True)
def test_a_cluster_gives_the_marts_of_duckdb(built: Built, server: str, tmp_path: Path) -> None:
    build(built.settings)
    found = cluster({"HYPNOMART_SPARK_URL": server}, str(tmp_path / "shared"))
    settings = replace(built.settings, cluster=found)
    results = build_in_spark(settings, progress=quiet)
    assert [(one.name, one.message) for one in results if one.status != "success"] == []
    marts = list(compared(settings, "spark"))
    assert [mart.fault for mart in marts if not mart.is_equal] == []
    assert len(marts) > 70 and sum(mart.rows > 0 for mart in marts) > 60
    assert ("hypnomart_marts",) in ask(settings, "show schemas")
    (person,) = built.rows("select user_id from dim_users limit 1")
    erase(settings, person["user_id"])
    assert not Path(settings.spark_place).exists(), "what a cluster built names the person too"
