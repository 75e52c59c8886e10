"""What a price rests on, from the operational tables to the published file, in one world."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.transform.seeds.starter import init_seeds
from tests.e2e.pipeline import Business, Pipeline, at

pytestmark = pytest.mark.slow


def seeds_of_the_owner(folder: Path) -> Path:
    """The shipped seeds, with the discount map in other letters, as an owner might type it."""
    seeds = folder / "seeds"
    init_seeds(seeds)
    path = seeds / "discount_map.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    shouted = [
        [code, product.upper(), store, f" {offer.upper()} "]
        for code, product, store, offer in rows[1:]
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([rows[0], *shouted])
    return seeds


def test_prices_refunds_and_codes_come_out_as_they_should(tmp_path: Path, source_url: str) -> None:
    business = Business(source_url)
    buyer = business.user("2026-01-01", country="Germany", lead_source="Friend")
    ordinary = [business.pack(buyer, f"2026-09-01 10:{n:02d}", 4000) for n in range(40)]
    absurd = business.pack(
        buyer, "2026-09-02", 4000, amount_paid=Decimal("29500.00"), currency="USD"
    )
    foreign = business.pack(
        buyer, "2026-03-01", 4000, amount_paid=Decimal("2.60"), currency="EUR"
    )  # the rate of March 2026 is 1.1683
    disputed = business.pack(buyer, "2026-05-05", 4000)
    mover = business.user("2026-01-01", country="Austria", updated_at=at("2026-01-01"))
    business.pack(mover, "2026-09-06", 4000)
    business.event(mover, "created", "2026-10-10", expires_at=at("2026-11-10"))
    code = "00000000-0000-0000-0000-0000000000c0"
    business.add("discount_codes", id=code, code="AID50", product_type="ai_credits")
    discounted = business.pack(buyer, "2026-10-05", 4000, product_id="ai_credits_4000_x2")
    business.add(
        "user_discounts",
        user_id=buyer,
        discount_code_id=code,
        assigned_at=at("2026-10-01"),
        expires_at=at("2026-10-31"),
        used_at=at("2026-10-05 00:01"),
    )
    pipeline = Pipeline(tmp_path, source_url, seeds_dir=seeds_of_the_owner(tmp_path))

    def change(status: str, when: str) -> None:
        business.execute(
            "update ai_credit_purchases set status = %s, updated_at = %s where id = %s",
            status,
            at(when),
            disputed,
        )

    def receipt(of: Any) -> dict[str, Any]:
        (row,) = pipeline.read("from fct_receipts where source_id = ?", of)
        return row

    def bank(used: int, when: str) -> None:
        business.execute(
            "insert into ai_usage (user_id, weekly_limit_credits, bank_limit_credits, "
            "bank_used_credits, updated_at) values (%s, 0, 176000, %s, %s) on conflict (user_id) "
            "do update set bank_used_credits = excluded.bank_used_credits, "
            "updated_at = excluded.updated_at",
            buyer,
            used,
            at(when),
        )

    bank(5000, "2026-05-20")  # the pack of March and a quarter of the disputed one
    pipeline.run()
    bank(6000, "2026-06-20")
    change("refunded", "2026-06-06")
    pipeline.run()
    assert receipt(disputed)["refunded_at"].date() == date(2026, 6, 6)
    change("purchased", "2026-07-07")
    business.execute(
        "update user_profile set country = 'Norway', updated_at = %s where user_id = %s",
        at("2026-10-20"),
        mover,
    )
    business.pack(mover, "2026-10-25", 4000)
    pipeline.run()

    # 40 ordinary packs, the absurd one and the mover's at 2.95
    september = "from revenue_monthly where revenue_month = date '2026-09-01'"
    assert pipeline.value(f"select gross_usd {september}") == Decimal("123.9000")
    found = receipt(absurd)
    assert (found["paid_usd"], found["price_basis"], found["price_fault"]) == (
        Decimal("2.9500"),
        "price_book",
        "amount_absurd",
    )
    (finding,) = pipeline.read(
        "select source_id, money_at_stake_usd from quality_findings"
        " where check_name = 'absurd_amount'"
    )
    assert tuple(finding.values()) == (absurd, Decimal("29497.0500"))
    assert {receipt(one)["price_fault"] for one in ordinary[:2]} == {None}

    found = receipt(foreign)
    assert [found[f"{name}_usd"] for name in ("paid", "discount", "price_difference")] == [
        Decimal("3.0376"),
        Decimal("0.0000"),
        Decimal("-0.0876"),
    ]

    assert receipt(disputed)["refunded_at"] is None
    entries = pipeline.read(
        "select entry_type, booked_at::date as day, gross_usd, country, lead_source"
        " from fct_revenue where receipt_id = ? order by booked_at",
        f"ai_credit_purchases:{disputed}",
    )
    assert [tuple(row.values()) for row in entries] == [
        ("charge", date(2026, 5, 5), Decimal("2.9500"), "Germany", "Friend"),
        ("refund", date(2026, 6, 6), Decimal("-2.9500"), "Germany", "Friend"),
        ("refund_reversal", date(2026, 7, 7), Decimal("2.9500"), "Germany", "Friend"),
    ]

    # of the pack 1,000 credits were used before its refund, 1,000 while it stood refunded
    credits = pipeline.read(
        "select month, recognised_usd, refunded_usd, revoked_credits, liability_usd"
        " from credit_liability_monthly where month between '2026-05-01' and '2026-07-01'"
    )
    march = Decimal("3.0376")
    assert [tuple(row.values())[1:] for row in credits] == [
        (march + Decimal("0.7375"), 0, 0, Decimal("2.2125")),
        (Decimal("-0.7375"), Decimal("2.9500"), 2000, 0),
        (Decimal("1.4750"), Decimal("-2.9500"), -2000, Decimal("1.4750")),
    ]
    apart = pipeline.read(
        "select month from credit_liability_monthly join revenue_recognition_monthly"
        " on recognition_month = month and product_kind = 'ai_credits'"
        " where liability_usd <> deferred_closing_usd"
    )
    assert apart == []

    # Google keeps 30 % of a pack in Germany before 30 June 2026, 10 % and 5 % since
    assert receipt(foreign)["store_fee_rate"] == 0.3
    assert receipt(discounted)["store_fee_rate"] == 0.15
    assignment = pipeline.read(
        "select outcome, receipt_id, discount_usd from fct_discount_assignments"
    )
    assert [tuple(row.values()) for row in assignment] == [
        ("used", f"ai_credit_purchases:{discounted}", Decimal("1.5000"))
    ]
    by_country = pipeline.read(
        "select segment, sum(net_usd) as net_usd from revenue_by_segment_monthly"
        " where dimension = 'country' group by segment"
    )
    assert {row["segment"]: row["net_usd"] for row in by_country} == {
        "Germany": Decimal("128.3876"),  # 41 * 2.95 + 3.0376 + 2.95 + 1.45
        "Austria": Decimal("7.9000"),  # where the mover lived until 20 October
        "Norway": Decimal("2.9500"),
    }
    moves = pipeline.read("select movement_type, country from fct_mrr_movements order by 1 desc")
    assert [tuple(row.values()) for row in moves] == [("new", "Austria"), ("churn", "Norway")]
