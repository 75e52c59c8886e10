"""Whatever the source's DDL allows is published, or refused by name: random businesses, odd in any
of their cells, go the whole way to the reports."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from models.live import read_catalogue
from models.simulation import simulate
from models.tables import TABLES
from pipelines.run import steps
from tests.clock import set_clock
from tests.conftest import new_database
from tests.e2e.pipeline import Pipeline, quiet
from tests.faults.counted import tries
from tests.odd_databases import make_odd, odd_values

UNTIL = date(2026, 10, 31)
# Each is a sentence of arithmetic that a published file satisfies whatever it was made from.
IDENTITIES = {
    "each month's MRR is the last one's and its movements": """
        select * from mrr_bridge_monthly
        where closing_mrr_usd <> opening_mrr_usd + new_usd + reactivation_usd + expansion_usd
            + contraction_usd + churn_usd""",
    "a month opens as the one before closed": """
        select * from (
            select opening_mrr_usd, lag(closing_mrr_usd) over (order by movement_month) as before
            from mrr_bridge_monthly
        ) where opening_mrr_usd <> before""",
    "every receipt is judged once": """
        select receipt_id from fct_receipts group by all having count(*) > 1""",
    "no rate is below 0": """
        select * from credit_consumption_weekly where utilisation_rate < 0""",
}


@pytest.fixture(scope="module")
def business(postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:  # fmt: skip
    """The name of a database with a simulated business, to be copied."""
    with new_database(postgres_url, template=template_database) as url:
        simulate(
            url, users=400, days=400, seed=3, until=UNTIL, faults="typical",
            truth_dir=tmp_path_factory.mktemp("truth"), progress=quiet,
        )  # fmt: skip
        yield urlsplit(url).path[1:]


def survives(url: str, folder: Path, seed: int) -> int:
    """Make the business odd, publish it and write all reports; the odd cells. Two runs in four
    change it again in between and go on from the same home."""
    changed = make_odd(url, seed)
    set_clock(url, "2026-11-01 06:30+00")
    pipeline = Pipeline(folder, url)
    run_id = pipeline.run()
    if random.Random(seed).random() < 0.25:
        changed += make_odd(url, seed + 1_000_000, share=0.03)
        set_clock(url, "2026-11-02 06:30+00")
        run_id = pipeline.run()
    for sentence, query in IDENTITIES.items():
        assert pipeline.read(query) == [], sentence
    with psycopg.connect(url) as conn:
        for table in TABLES:
            ((rows,),) = conn.execute(f"select count(*) from public.{table.name}").fetchall()
            counted = pipeline.value(
                "select warehouse_rows from run_manifest where run_id = ? and table_name = ?",
                run_id, table.name,
            )  # fmt: skip
            assert counted == rows, table.name
    steps.report_step(pipeline.settings, run_id, progress=quiet)
    return changed


def test_every_type_of_the_contract_has_odd_values(source_url: str) -> None:
    """None is left out that PostgreSQL would take: a type without odd values is a KeyError."""
    catalogue = read_catalogue(source_url)
    types = {c.type for t in TABLES for c in catalogue.tables[t.name].columns.values()}
    with psycopg.connect(source_url) as conn:
        for kind in types:
            for value in odd_values(kind):
                conn.execute(f"select %s::{kind}", [str(value)])


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(tries(1000)))
def test_random_databases(postgres_url: str, business: str, tmp_path: Path, seed: int) -> None:
    with new_database(postgres_url, template=business) as url:
        print(f"database {seed}: {survives(url, tmp_path, seed)} changes")
