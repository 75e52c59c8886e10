"""Whatever the source's DDL allows is published, or refused by name: random businesses, odd in any
of their cells, go the whole way to the reports."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import psycopg
import pytest

from models.live import read_catalogue
from models.simulation import simulate
from models.tables import TABLES
from pipelines.extract.state.layout import create_layout
from pipelines.run import steps
from pipelines.transform.build import refuse_unbuilt
from tests.clock import set_clock
from tests.conftest import new_database
from tests.e2e.pipeline import Pipeline, quiet
from tests.faults.counted import numbered
from tests.odd_databases import make_odd, odd_values
from tests.warehouse import settings_at

UNTIL = date(2026, 10, 31)
SIZES = (20, 60, 150, 400)  # users
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


@dataclass(frozen=True)
class Businesses:
    """Simulated businesses to be copied, by how many users they have the name of their database;
    and a home with the seeds loaded, which is what a run's first 2 s are spent on."""

    databases: dict[int, str]
    home: Path


@pytest.fixture(scope="module")
def businesses(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Businesses]:
    folder = tmp_path_factory.mktemp("businesses")
    settings = settings_at(folder)
    settings.home.mkdir()
    with duckdb.connect(str(settings.warehouse)) as con:
        create_layout(con)
    refuse_unbuilt(steps.seeds_step(settings, "seeds", progress=quiet))
    with ExitStack() as stack:
        databases = {}
        for users in SIZES:
            url = stack.enter_context(new_database(postgres_url, template=template_database))
            simulate(
                url, users=users, days=400, seed=3, until=UNTIL, faults="typical",
                truth_dir=folder / f"truth-{users}", progress=quiet,
            )  # fmt: skip
            databases[users] = urlsplit(url).path[1:]
        yield Businesses(databases, settings.home)


@dataclass(frozen=True)
class Try:
    """What a seed decides: users, the share of cells that are odd, whether the business changes
    again after its publication, and the formats of the reports."""

    seed: int
    users: int
    share: float
    is_changed_again: bool
    formats: tuple[str, ...]


def drawn(seed: int) -> Try:
    """One in ten is large and has its reports in all formats, the rest in HTML."""
    chance, is_tenth = random.Random(seed), seed % 10 == 0
    return Try(
        seed,
        SIZES[-1] if is_tenth else chance.choice(SIZES[:-1]),
        chance.choice([0.01, 0.05, 0.15, 0.4]),
        chance.random() < 0.25,
        () if is_tenth else ("html",),
    )


def survives(url: str, folder: Path, this: Try) -> int:
    """Make the business odd, publish it and write reports; the odd cells. Some change it again in
    between and go on from the same home."""
    changed = make_odd(url, this.seed, share=this.share)
    set_clock(url, "2026-11-01 06:30+00")
    pipeline = Pipeline(folder, url)
    run_id = pipeline.run()
    if this.is_changed_again:
        changed += make_odd(url, this.seed + 1_000_000, share=0.03)
        set_clock(url, "2026-11-02 06:30+00")
        run_id = pipeline.run()
    for sentence, query in IDENTITIES.items():
        assert pipeline.read(query) == [], sentence
    found = pipeline.read(
        "select table_name, warehouse_rows from run_manifest where run_id = ?", run_id
    )
    each = " union all ".join(f"select '{t.name}', count(*) from public.{t.name}" for t in TABLES)
    with psycopg.connect(url) as conn:
        assert sorted(conn.execute(each).fetchall()) == sorted(tuple(row.values()) for row in found)
    steps.report_step(pipeline.settings, run_id, progress=quiet, formats=this.formats)
    return changed


def test_every_type_of_the_contract_has_odd_values(source_url: str) -> None:
    """None is left out that PostgreSQL would take: a type without odd values is a KeyError."""
    catalogue = read_catalogue(source_url)
    types = {c.type for t in TABLES for c in catalogue.tables[t.name].columns.values()}
    with psycopg.connect(source_url) as conn:
        for kind in types:
            for value in odd_values(kind):
                conn.execute(f"select %s::{kind}", [str(value)])


def test_the_same_seed_makes_the_same_database(postgres_url: str, template_database: str,
    tmp_path: Path) -> None:  # fmt: skip
    """What a try found is found again."""
    made = []
    for _ in range(2):
        with new_database(postgres_url, template=template_database) as url:
            simulate(
                url, users=5, days=200, seed=3, until=UNTIL, faults="typical",
                truth_dir=tmp_path, progress=quiet,
            )  # fmt: skip
            make_odd(url, 4)
            with psycopg.connect(url) as conn:
                made.append([
                    conn.execute(f"select t::text from public.{table.name} t order by 1").fetchall()
                    for table in TABLES
                ])  # fmt: skip
    assert made[0] == made[1]


@pytest.mark.faults
@pytest.mark.parametrize("seed", numbered(1000))
def test_random_databases(
    postgres_url: str, businesses: Businesses, tmp_path: Path, seed: int
) -> None:
    this, start = drawn(seed), time.monotonic()
    shutil.copytree(businesses.home, tmp_path / "home")
    with new_database(postgres_url, template=businesses.databases[this.users]) as url:
        changed = survives(url, tmp_path, this)
    print(f"{this}: {changed} changes, {time.monotonic() - start:.0f} s", flush=True)
    shutil.rmtree(tmp_path)
