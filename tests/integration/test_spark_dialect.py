"""Spark says the words of macros/dialect as DuckDB does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from pipelines.publication.native.spark_session import spark_session
from tests.integration.test_dialect import (
    CASES,
    QUERIES,
    Word,
    assert_same,
    macros,
    query,
)

STORED = {"varchar": "string", "double precision": "double"}


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with spark_session(tmp_path_factory.mktemp("spark"), {}) as session:
        yield session


def text_literal(value: str) -> str:
    """A literal of DuckDB's as one of Spark's, every letter by its number."""
    ((text,),) = duckdb.sql(f"select {value}").fetchall()
    return "null" if text is None else "'" + "".join(f"\\u{ord(one):04x}" for one in text) + "'"


@pytest.mark.spark
@pytest.mark.parametrize(
    ("kind", "word"), CASES, ids=lambda part: part if isinstance(part, str) else " ".join(part)
)
def test_a_word_means_the_same(kind: str, word: Word, spark: Any) -> None:
    here = duckdb.sql(query("duckdb", kind, word=word)).fetchall()
    asked = query("spark", kind, word=word, text=text_literal, types=STORED)
    assert_same(kind, here, [tuple(row) for row in spark.sql(asked).collect()])


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
