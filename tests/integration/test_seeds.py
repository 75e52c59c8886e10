"""A price book of the user's own replaces the shipped one, and says what is wrong with it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from pipelines.transform import run_dbt
from tests.warehouse import PRINTED_BY_DBT, settings_at, write_raw

pytestmark = pytest.mark.slow

HEADER = "product_key,offer_id,store,valid_from,valid_to,price_usd,billing_months,credits_amount\n"
FAULTS = {
    "ai_credits_4000,,,2026-01-01,,2.95,,4000\nai_credits_4000,,,2026-06-01,,3.95,,4000\n": (
        "price_book: ai_credits_4000 has two prices on 2026-06-01: end the older row with valid_to"
    ),
    "x99enb,c1,app_store,2026-01-01,,-1,,\n": (
        "price_book: x99enb with offer c1 in app_store has no price or one below 0"
    ),
    "plan/weekly-plan,,,2026-01-01,,1.95,,\n": (
        "price_book: plan/weekly-plan is a subscription: give billing_months, 1 or more"
    ),
}


def test_a_faulty_price_book_is_explained(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "price_book.csv").write_text(HEADER + "".join(FAULTS), encoding="utf-8")
    settings = settings_at(tmp_path, seeds_dir=seeds)
    event = {"id": UUID(int=1), "user_id": UUID(int=1), "event_type": "created"}
    write_raw(settings, {"subscription_events": [event]}, as_of=datetime(2026, 11, 1))
    selected = (
        "--select",
        "+int_price_book",
        "+int_fx_rates",
        "+int_store_fees",
        "assert_seeds_are_sound",
    )
    result = run_dbt(settings, "build", *selected, *PRINTED_BY_DBT)
    (failed,) = [run for run in result.result.results if run.status in ("error", "fail")]
    for message in FAULTS.values():
        assert message in failed.message
