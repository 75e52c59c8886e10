"""Spark says the words of macros/dialect as DuckDB does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from pipelines.publication.native.spark_session import spark_session
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
