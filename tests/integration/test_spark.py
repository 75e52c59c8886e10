"""Spark builds the marts that DuckDB builds, and they pass the same gate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from models.errors import BadConfiguration, ChecksFailed
from pipelines.base.settings import Settings
from pipelines.publication.native.parity import compared
from pipelines.publication.native.spark import (
    EVENTS,
    TRANSIENT,
    build_in_spark,
    shipped_to_spark,
)
from pipelines.run.native import build_there_step, built_by, publish_there_step
from pipelines.run.steps import check_step, newest_run_id, refuse_errors
from pipelines.transform.build import refuse_unbuilt
from pipelines.transform.manifest import read_manifest
from pipelines.transform.marts import Mart, published_marts
from tests.benchmarks.spark import handed_on
from tests.integration.conftest import Built
from tests.target_sample import published_rows
from tests.warehouse import build, quiet, settings_at, write_raw

LARGEST_GOES = """
    delete from marts.revenue_monthly
    where net_usd = (select max(net_usd) from marts.revenue_monthly)
"""
ALL = pytest.mark.parametrize("built", ["all"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def in_spark(built: Built) -> Settings:
    """A business with all faults, built by both engines, the data tests on what Spark built."""
    build(built.settings)
    results = build_there_step(built.settings, "spark", progress=quiet)
    refuse_unbuilt(results)
    assert [(one.name, one.failing_rows) for one in results if one.status == "fail"] == []
    nodes = read_manifest(built.settings)["nodes"].values()
    wanted = [node["unique_id"] for node in nodes if node["resource_type"] in ("model", "test")]
    assert sorted(one.unique_id for one in results) == sorted(wanted)
    return built.settings


@contextmanager
def changed(settings: Settings, statement: str) -> Iterator[None]:
    """Write to the working file for a block."""
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("create or replace table kept as from marts.revenue_monthly")
        con.execute(statement)
    try:
        yield
    finally:
        with duckdb.connect(str(settings.warehouse)) as con:
            con.execute("delete from marts.revenue_monthly")
            con.execute("insert into marts.revenue_monthly from kept; drop table kept")


def refused(settings: Settings) -> str:
    """How what Spark built is refused its publication."""
    built = built_by(settings, "spark")
    with pytest.raises(ChecksFailed) as caught:
        publish_there_step(built, newest_run_id(built))
    return str(caught.value)


@ALL
@pytest.mark.spark
@pytest.mark.timeout(3600)  # 206 models: four minutes of two free processors, and more of busy ones
def test_spark_gives_the_marts_of_duckdb(in_spark: Settings) -> None:
    marts = list(compared(in_spark, "spark"))
    assert [mart.fault for mart in marts if not mart.is_equal] == []
    assert len(marts) > 70 and sum(mart.rows > 0 for mart in marts) > 60
    with changed(in_spark, "update marts.revenue_monthly set net_usd = net_usd + 0.0001"):
        differing = [mart for mart in compared(in_spark, "spark") if not mart.is_equal]
    assert [mart.fault for mart in differing] == ["spark DIFFERS in net_usd"]
    with changed(in_spark, LARGEST_GOES):
        differing = [mart for mart in compared(in_spark, "spark") if not mart.is_equal]
    assert [mart.mart for mart in differing] == ["revenue_monthly"] and differing[0].missing


@ALL
@pytest.mark.spark
def test_what_stages_hand_to_each_other_is_told_by_sparks_own_log(in_spark: Settings) -> None:
    total = handed_on(in_spark.spark_files / EVENTS)
    assert total["shuffled"] > 1e6 and total["tasks"] > 206 and total["milliseconds"] > 0


@ALL
@pytest.mark.spark
def test_what_was_not_checked_is_not_published(in_spark: Settings) -> None:
    said = refused(in_spark)
    assert "has no result" in said and "`hypnomart check --engine spark`" in said
    assert not in_spark.published.exists()


@ALL
@pytest.mark.spark
def test_what_was_checked_is_published(in_spark: Settings) -> None:
    built = built_by(in_spark, "spark")
    refuse_errors(check_step(built, "run-1", progress=quiet))
    publication, brought = publish_there_step(built, "run-1")
    marts = published_marts(read_manifest(in_spark))
    assert publication.tables == len(marts) and brought is None
    kept = [mart for mart in marts if mart.schema]
    for mart in kept:
        assert published_rows(in_spark.published, mart.name) == rows_of(built, mart), mart.name
    with duckdb.connect(str(built.warehouse)) as con:
        con.execute("update marts.revenue_monthly set net_usd = net_usd + 0.0001")
    assert "revenue_monthly does not hold what was built and checked" in refused(in_spark)


def rows_of(built: Settings, mart: Mart) -> list[tuple[object, ...]]:
    """What an engine built of a mart, in one order."""
    with duckdb.connect(str(built.warehouse), read_only=True) as con:
        return sorted(con.execute(f"from {mart.schema}.{mart.name}").fetchall(), key=repr)


def refusal(settings: Settings) -> str:
    """How a build is refused, with nothing written."""
    with pytest.raises(BadConfiguration) as caught:
        build_in_spark(settings, progress=quiet)
    assert not settings.spark_files.exists()
    return str(caught.value)


@pytest.mark.spark
@pytest.mark.parametrize(
    ("says", "told"),
    [
        ("echo 'openjdk version \"11.0.2\" 2019-01-15' >&2", "is 11; install it"),
        ("echo 'java version \"1.8.0_202\"' >&2", "is 8; install it"),
        ("exit 1", "does not run; install it"),
        ("echo hello", "is of no version that it names"),
    ],
    ids=["11", "8", "none", "another program"],
)
def test_java_that_is_missing_or_too_old_is_told(
    says: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{says}\n")
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    said = refusal(settings_at(tmp_path))
    assert told in said and str(program) in said


@pytest.mark.spark
def test_what_stages_handed_on_goes_with_a_build_that_fails(tmp_path: Path) -> None:
    """It is rows of people, which nobody reads any more."""
    settings = settings_at(tmp_path)
    write_raw(settings, {}, as_of=datetime(2026, 10, 31, tzinfo=UTC))
    with pytest.raises(ZeroDivisionError), shipped_to_spark(settings, progress=quiet):
        assert (settings.spark_files / "shuffled").exists()
        raise ZeroDivisionError
    assert not [name for name in TRANSIENT if (settings.spark_files / name).exists()]


@pytest.mark.spark
def test_before_the_first_extraction_there_is_nothing_to_build(tmp_path: Path) -> None:
    assert "run `hypnomart extract` first" in refusal(settings_at(tmp_path))


def test_without_the_extra_the_way_to_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "pip install 'hypnomart[spark]'" in refusal(settings_at(tmp_path))
