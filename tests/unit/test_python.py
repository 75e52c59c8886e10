"""The published marts from Python, as a notebook meets them."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas
import polars
import pytest

import hypnomart
from tests.published_sample import write_published

QUERY = "select 1.10::decimal(9, 2) as paid_usd, timestamp '2026-10-31 23:59' as paid_at, $n as n"


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> hypnomart.Marts:
    return hypnomart.open(write_published(tmp_path_factory.mktemp("python") / "hypnomart.duckdb"))


def test_a_statement_is_a_frame_of_polars_or_pandas_or_a_relation(marts: hypnomart.Marts) -> None:
    row = (Decimal("1.10"), datetime(2026, 10, 31, 23, 59), 7)
    as_polars = marts.polars(QUERY, n=7)
    assert as_polars.schema["paid_usd"] == polars.Decimal(9, 2)
    assert as_polars.rows() == [row]
    as_pandas = marts.pandas(QUERY, n=7)
    assert isinstance(as_pandas, pandas.DataFrame) and tuple(as_pandas.iloc[0]) == row
    relation = marts.relation(QUERY, n=7)
    assert isinstance(relation, duckdb.DuckDBPyRelation)
    assert relation.project("paid_usd * 2 as twice").fetchall() == [(Decimal("2.20"),)]


def test_tables_and_columns_are_listed(marts: hypnomart.Marts) -> None:
    assert "mrr_bridge_monthly" in marts.tables()["table_name"]
    assert {"movement_month", "closing_mrr_usd"} <= {*marts.columns("mrr_bridge_monthly")[:, 0]}
    with pytest.raises(hypnomart.HypnomartError, match="did you mean mrr_bridge_monthly"):
        marts.columns("mrr_bridge_montly")


def test_a_report_is_written_where_it_is_asked_for(marts: hypnomart.Marts, tmp_path: Path) -> None:
    paths = marts.report("overview", period="2026-10", formats=["html"], folder=tmp_path)
    assert tmp_path / "2026-10" / "overview.html" in paths
    assert all(path.is_file() for path in paths)


@pytest.mark.parametrize(
    ("sql", "words"),
    [("", "empty"), ("drop table dim_dates", "only read"), ("from 'a.csv'", "failed"),
     ("select 1; select 2", "2 statements"), ("select nonsense", "nonsense")],
)  # fmt: skip
def test_what_is_no_question_is_refused_in_a_sentence(
    marts: hypnomart.Marts, sql: str, words: str
) -> None:
    for ask in (marts.relation, marts.polars, marts.pandas):
        with pytest.raises(hypnomart.HypnomartError, match=words):
            ask(sql)


def test_a_new_publication_is_seen_once_no_relation_holds_the_old_one(tmp_path: Path) -> None:
    path, other = tmp_path / "hypnomart.duckdb", tmp_path / "new.duckdb"
    for file, number in ((path, 1), (other, 2)):
        with duckdb.connect(str(file)) as con:
            con.execute(f"create table t as select {number} as n")
    marts = hypnomart.open(path)
    before = marts.relation("from t")
    other.replace(path)
    assert before.fetchall() == [(1,)]
    assert marts.polars("from t")["n"].to_list() == [1], "DuckDB opens a path once in a process"
    del before
    assert marts.polars("from t")["n"].to_list() == [2]


def test_without_a_publication_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYPNOMART_HOME", str(tmp_path))
    with pytest.raises(hypnomart.HypnomartError, match="run `hypnomart run` first"):
        hypnomart.open()


def test_it_loads_nothing_that_is_slow() -> None:
    code = (
        "import sys, hypnomart\n"
        "slow = {'dagster', 'dbt', 'psycopg', 'polars', 'pandas', 'great_expectations'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
