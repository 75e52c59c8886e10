"""Simulated warehouses whose truth is known, built once for all modules that compare with it, and
a home to publish from."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from models.simulation import simulate
from pipelines import cli
from pipelines.base.settings import Settings
from pipelines.extract.run import extract
from tests.conftest import new_database
from tests.target_sample import publish_odd
from tests.warehouse import build, read, settings_at

UNTIL = date(2026, 10, 31)
MARTS = (
    "fct_receipts", "fct_revenue", "revenue_monthly", "fct_subscription_periods",
    "fct_mrr_movements", "mrr_bridge_daily", "retention_cohorts", "fct_credit_lots",
    "credit_balances", "fct_referrals", "fct_discount_assignments",
    "referral_performance_monthly", "referral_credit_balance_monthly", "fct_listening",
    "credit_liability_monthly", "custom_course_funnel_monthly",
    "trial_movements_daily", "conversion_cohorts", "subscription_states_daily",
    "mrr_bridge_by_attributes_monthly", "mrr_bridge_by_segment_monthly", "mrr_bridge_monthly",
    "dim_dates", "metrics", "dim_users", "change_causes_monthly", "user_timeline",
    "fct_custom_courses", "referral_chains", "discount_performance", "price_history", "fee_history",
    "deferred_revenue_schedule", "customer_ltv_monthly", "retention_forecast",
    "cohort_performance", "cohort_explorer", "course_engagement", "partner_payouts_monthly",
    "dim_cohorts", "app_health_daily", "function_health_daily", "run_manifest",
    "feedback_monthly", "receipt_duplicates", "subscription_states_by_attributes_monthly",
    "credit_recognition_outlook", "source_volume_daily", "credit_liability_ageing_monthly",
    "revenue_recognition_monthly", "revenue_by_segment_monthly", "credit_consumption_weekly",
)  # fmt: skip
FAULTS = {"none": 11, "all": 12}


@dataclass(frozen=True)
class Built:
    """A warehouse with the marts, and the folder of the truth."""

    settings: Settings
    faults: str

    def truth(self, name: str) -> str:
        """A truth table for use in a query."""
        return f"read_parquet('{self.settings.truth_dir / name}.parquet')"

    def rows(self, query: str) -> list[dict[str, Any]]:
        """A query on marts; {name} stands for the truth table of that name."""
        return read(self.settings, query)

    def assert_equal(self, mart: str, truth: str) -> None:
        """Both queries give the same rows, as often; shows the first that one side lacks."""
        for one, other, side in ((mart, truth, "mart"), (truth, mart, "truth")):
            extra = self.rows(f"from ({one}) except all from ({other}) order by all limit 5")
            assert not extra, (f"only in the {side}", extra)
        assert self.rows(f"select count(*) as n from ({truth})")[0]["n"] > 0


@pytest.fixture(scope="session", params=FAULTS)
def built(
    request: pytest.FixtureRequest,
    postgres_url: str,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Built:
    """A simulated business of 3,000 users, extracted and built, its clock at the last midnight.

    Built once for all workers; each works on a copy, since a writer holds its file alone.
    """
    faults = request.param
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / f"truth_{faults}"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            unfinished = tmp_path_factory.mktemp("unfinished")
            with new_database(postgres_url, template=template_database) as url:
                build_truth(unfinished, url, faults)
            unfinished.rename(shared)
    folder = tmp_path_factory.mktemp(f"truth_{faults}_copy")
    shutil.copytree(shared, folder, dirs_exist_ok=True)
    return Built(settings_at(folder), faults)


def build_truth(folder: Path, url: str, faults: str) -> None:
    """Simulate into an empty source, extract, and build the marts."""
    settings = settings_at(folder)
    simulate(
        url, users=3_000, days=500, seed=FAULTS[faults], until=UNTIL, faults=faults,
        truth_dir=settings.truth_dir, progress=lambda _: None,
    )  # fmt: skip
    extract(settings, source_url=url, run_id="run-1", progress=lambda _: None, full_refresh=False)
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("update meta.run_manifest set as_of_at = ?", [f"{UNTIL} 00:00:00"])
    build(settings, *MARTS)


@pytest.fixture
def published_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home in which a mart of odd values is published, and which the environment names."""
    monkeypatch.chdir(tmp_path)
    settings = settings_at(tmp_path)
    publish_odd(settings)
    monkeypatch.setenv("HYPNOMART_HOME", str(settings.home))
    monkeypatch.delenv("HYPNOMART_SOURCE_URL", raising=False)
    return settings


@pytest.fixture
def publish_by_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """`hypnomart publish --to ENGINE` with variables set: its exit code, and its last words."""

    def call(engine: str, **variables: str) -> tuple[int, str]:
        for name, text in variables.items():
            monkeypatch.setenv(name, text)
        monkeypatch.setattr(sys, "argv", ["hypnomart", "publish", "--to", engine])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err and len(shown.err.strip().splitlines()) <= 1
        return int(caught.value.code or 0), (shown.err or shown.out).strip()

    return call
