"""Spark says the words of macros/dialect as DuckDB does, and builds the same marts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from models.errors import BadConfiguration
from pipelines.base.settings import Settings
from pipelines.publication.native.parity import compared
from pipelines.publication.native.spark import build_in_spark, spark_folder
from pipelines.publication.native.spark_session import spark_session
from pipelines.transform.manifest import read_manifest
from tests.integration.conftest import Built
from tests.integration.test_dialect import (
    CASES,
    NUMBERED,
    QUERIES,
    WORDS,
    Word,
    macros,
    query,
    same,
)
from tests.warehouse import build, quiet, settings_at

STORED = {"varchar": "string", "double precision": "double"}


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with spark_session(tmp_path_factory.mktemp("spark"), {}) as session:
        yield session


def spark_query(kind: str, word: Word) -> str:
    """What a word makes of each value of its kind, in order, in Spark's words."""
    name, *given = word
    arguments = [int(one) if name in NUMBERED and one.isdigit() else one for one in given]
    values, stored, _ = WORDS[kind]
    if kind == "text":
        values = tuple(map(text_literal, values))
    stored = STORED.get(stored, stored)
    rows = ", ".join(f"({place}, cast({value} as {stored}))" for place, value in enumerate(values))
    made = getattr(macros("spark"), name)(*arguments)
    return f"select place, {made} as made from (values {rows}) as given (place, x) order by place"


def text_literal(value: str) -> str:
    """A literal of DuckDB's as one of Spark's, every letter by its number."""
    ((text,),) = duckdb.sql(f"select {value}").fetchall()
    return "null" if text is None else "'" + "".join(f"\\u{ord(one):04x}" for one in text) + "'"


@pytest.mark.spark
@pytest.mark.parametrize(
    ("kind", "word"), CASES, ids=lambda part: part if isinstance(part, str) else " ".join(part)
)
def test_a_word_means_the_same(kind: str, word: Word, spark: Any) -> None:
    here = duckdb.sql(query("duckdb", kind, word)).fetchall()
    there = [tuple(row) for row in spark.sql(spark_query(kind, word)).collect()]
    said = [
        (WORDS[kind][0][place], one, other)
        for (place, one), (_, other) in zip(here, there, strict=True)
        if not same(one, other)
    ]
    assert said == []
    assert any(one is not None for _, one in here)


@pytest.mark.spark
@pytest.mark.parametrize("name", QUERIES)
def test_rows_and_sums_of_them_mean_the_same(name: str, spark: Any) -> None:
    here = duckdb.sql(QUERIES[name](macros("duckdb"))).fetchall()
    asked = QUERIES[name](macros("spark")).replace("as uuid)", "as string)")
    there = [tuple(row) for row in spark.sql(asked).collect()]
    assert sorted(tuple(map(str, row)) for row in here) == sorted(
        tuple(map(str, row)) for row in there
    )
    assert here or name in ("no days", "no sum")


@pytest.mark.spark
@pytest.mark.timeout(3600)  # 206 models: ten minutes of two free processors, and more of busy ones
@pytest.mark.parametrize("built", ["all"], indirect=True)
def test_spark_gives_the_marts_of_duckdb(built: Built) -> None:
    settings = built.settings
    build(settings)
    results = build_in_spark(settings, progress=quiet, tests=False)
    assert [(one.name, one.message) for one in results if one.status != "success"] == []
    models = [
        node["unique_id"]
        for node in read_manifest(settings)["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] != "quality"  # DuckDB's alone
    ]
    assert sorted(one.unique_id for one in results) == sorted(models)
    marts = list(compared(settings, "spark"))
    assert [mart.told for mart in marts if not mart.is_equal] == []
    assert len(marts) > 70 and sum(mart.rows > 0 for mart in marts) > 60
    assert sorted(path.name for path in spark_folder(settings).iterdir()) == ["marts", "spark.log"]
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("update marts.revenue_monthly set net_usd = net_usd + 0.0001")
        con.execute("delete from marts.dim_dates where date = '2026-02-28'")
    differing = {mart.mart: mart for mart in compared(settings, "spark") if not mart.is_equal}
    assert set(differing) == {"dim_dates", "revenue_monthly"}


def refusal(settings: Settings) -> str:
    """How a build is refused, with nothing written."""
    with pytest.raises(BadConfiguration) as caught:
        build_in_spark(settings, progress=quiet)
    assert not spark_folder(settings).exists()
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
def test_before_the_first_extraction_there_is_nothing_to_build(tmp_path: Path) -> None:
    assert "run `hypnomart extract` first" in refusal(settings_at(tmp_path))


def test_without_the_extra_the_way_to_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "pip install 'hypnomart[spark]'" in refusal(settings_at(tmp_path))
