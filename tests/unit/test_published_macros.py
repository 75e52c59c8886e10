"""The published file's table macros give the rows behind a number: their sums are the marts'."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.publication.described import create_macros
from pipelines.query.ask import ask
from tests.published_sample import write_published

USER = "00000000-0000-4000-8000-00000000000a"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_published(tmp_path_factory.mktemp("macros") / "hypnomart.duckdb")
    with duckdb.connect(str(path)) as con:
        con.execute(f"""
            insert into mrr_movement_causes
                (movement_id, movement_at, movement_month, mrr_delta_usd) values
                ('1:a', '2026-09-30 23:59:59', '2026-09-01', 1),
                ('1:b', '2026-10-01 00:00:00', '2026-10-01', 2),
                ('1:c', '2026-10-31 23:59:59', '2026-10-01', -4);
            insert into fct_revenue (entry_id, product_kind, booked_at, gross_usd) values
                ('3', 'course', '2026-10-01', 8), ('4', 'ai_credits', '2026-10-02', 16);
            insert into user_timeline (user_id, event_at, kind, source_id) values
                ('{USER}', '2026-10-02', 'refund', '2'), ('{USER}', '2026-10-01', 'charge', '1'),
                ('00000000-0000-4000-8000-00000000000b', '2026-10-01', 'charge', '3')""")
        tables = con.execute("select table_name from duckdb_tables()").fetchall()
        create_macros(con, {name for (name,) in tables})
    return path


@pytest.mark.parametrize(
    ("call", "column", "right"),
    [
        ("explain_mrr('2026-10')", "sum(mrr_delta_usd)", -2),
        ("explain_mrr(date '2026-10-31')", "sum(mrr_delta_usd)", -2),
        ("explain_revenue('2026-10')", "sum(gross_usd)", 28.95),
        ("explain_revenue('2026-10', 'course')", "sum(gross_usd)", 8),
        ("explain_revenue('2026-12')", "count(*)", 0),
        (f"user_story('{USER}')", "string_agg(kind, ' ')", "charge refund"),
    ],
)
def test_a_macro_gives_the_rows_of_the_month_the_kind_or_the_user(
    path: Path, call: str, column: str, right: object
) -> None:
    ((found,),) = ask(path, f"select {column} from {call}").rows
    assert (found if isinstance(right, str) else float(found)) == right


def test_a_macro_whose_mart_is_not_published_is_left_out() -> None:
    with duckdb.connect() as con:
        con.execute(
            "create table user_timeline (user_id uuid, event_at int, kind int, source_id int)"
        )
        create_macros(con, {"user_timeline"})
        found = con.execute("select function_name from duckdb_functions() where not internal")
        assert found.fetchall() == [("user_story",)]
