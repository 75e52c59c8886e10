"""Why revenue changed: two months alike but for one thing, which gets all of the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from tests.compiled import new_working_file, run_models

MODELS = (
    "int_revenue_states", "int_revenue_pairs", "int_revenue_references",
    "int_revenue_rate_changes", "revenue_changes_monthly",
)  # fmt: skip
CAUSES = ("charges", "product_mix", "store_mix", "list_price", "discount", "exchange_rate",
          "local_price", "refunds")  # fmt: skip


@dataclass(frozen=True)
class Charge:
    """Equal charges; paid and listed in US dollars, with the rate where another currency."""

    count: int
    product: str
    store: str
    listed: str
    paid: str
    discount: str = "0"
    rate: str | None = None
    refunded: int = 0
    quantity: int = 1


ROUNDING = Decimal("0.000001")
MONTHLY = Charge(10, "monthly", "google_play", "4.95", "4.95")
PACK = Charge(5, "pack", "app_store", "2.95", "2.95")
EURO = Charge(4, "big pack", "app_store", "5.95", "5.50", rate="1.10")  # 5.00 EUR
SEPTEMBER = (MONTHLY, PACK, EURO)


def causes(*months: Sequence[Charge]) -> dict[str, Decimal]:
    """The causes of the change from September to October that are more than a rounding."""
    receipts, entries, priced = [], [], []
    for month, charges in zip((9, 10), months, strict=True):
        for n, one in enumerate(charges):
            for k in range(one.count):
                key = f"{month}:{n}:{k}"
                receipts.append((key, one.listed, one.quantity))
                row = (key, f"2026-{month:02}-15", one.product, one.store, one.discount)
                entries.append(("charge", *row, one.paid))
                if k < one.refunded:
                    entries.append(("refund", *row[:-1], "0", f"-{one.paid}"))
                if one.rate:
                    priced.append((key, one.rate))
    with new_working_file() as con:
        con.execute("""
            create table intermediate.int_clock as
            select timestamp '2026-11-20' as as_of_at, date '2026-11-01' as as_of_month""")
        con.execute("""
            create table intermediate.int_receipts_judged (
                receipt_id varchar, list_price_usd decimal(18, 4), quantity bigint);
            create table intermediate.int_revenue_entries (
                entry_type varchar, receipt_id varchar, booked_at timestamp, product_key varchar,
                store varchar, discount_usd decimal(18, 4), gross_usd decimal(18, 4),
                product_kind varchar default 'any');
            create table intermediate.int_receipts_priced (
                receipt_id varchar, usd_per_unit decimal(18, 8), recorded_currency varchar
                default 'EUR', is_recorded boolean default true);
            create view marts.fct_receipts as from intermediate.int_receipts_judged;
            create view marts.fct_revenue as from intermediate.int_revenue_entries""")
        con.executemany("insert into intermediate.int_receipts_judged values (?, ?, ?)", receipts)
        names = "entry_type, receipt_id, booked_at, product_key, store, discount_usd, gross_usd"
        con.executemany(
            f"insert into intermediate.int_revenue_entries ({names}) values (?, ?, ?, ?, ?, ?, ?)",
            entries,
        )
        if priced:
            con.executemany(
                "insert into intermediate.int_receipts_priced (receipt_id, usd_per_unit) "
                "values (?, ?)", priced,
            )  # fmt: skip
        run_models(con, MODELS)
        sums = ", ".join(f"sum({cause}_usd)" for cause in CAUSES)
        row = con.execute(f"""
            select {sums}, sum(net_usd - previous_net_usd) from marts.revenue_changes_monthly
            where revenue_month = '2026-10-01'""").fetchall()[0]
        # All that October had is gone in November, which has charges of its own in no month.
        gone, left = con.execute("""
            select sum(previous_net_usd), sum(net_usd) from marts.revenue_changes_monthly
            where revenue_month = '2026-11-01'""").fetchall()[0]
        assert (left, gone) == (0, sum(Decimal(e[-1]) for e in entries if e[2] == "2026-10-15"))
    assert sum(row[:-1]) == row[-1]
    return {
        cause: value for cause, value in zip(CAUSES, row, strict=False) if abs(value) > ROUNDING
    }


@pytest.mark.parametrize(
    ("october", "right"),
    [
        (SEPTEMBER, {}),
        ([replace(one, count=2 * one.count) for one in SEPTEMBER], {"charges": "86.25"}),
        ((replace(MONTHLY, listed="5.95", paid="5.95"), PACK, EURO), {"list_price": "10"}),
        ((replace(MONTHLY, paid="2.45", discount="2.50"), PACK, EURO), {"discount": "-25"}),
        ((MONTHLY, PACK, replace(EURO, paid="6.00", rate="1.20")), {"exchange_rate": "2"}),
        ((MONTHLY, PACK, replace(EURO, paid="5.61")), {"local_price": "0.44"}),
        ((replace(MONTHLY, refunded=2), PACK, EURO), {"refunds": "-9.90"}),
        ((MONTHLY, replace(PACK, quantity=2, listed="5.90", paid="5.90"), EURO),
         {"product_mix": "14.75"}),
        ((MONTHLY, replace(PACK, product="huge", listed="9.95", paid="9.95"), EURO),
         {"product_mix": "35"}),
    ],
)  # fmt: skip
def test_what_alone_is_different_is_all_of_the_change(
    october: Sequence[Charge], right: dict[str, str]
) -> None:
    found = causes(SEPTEMBER, october)
    assert found.keys() == right.keys()
    for cause, amount in right.items():
        assert abs(found[cause] - Decimal(amount)) < ROUNDING


def test_a_price_and_an_amount_that_both_change_share_what_comes_of_both() -> None:
    # 5.00 EUR at 1.10 became 6.00 EUR at 1.20: at the amount midway the rate brings 0.55 a charge,
    # at the rate midway the amount 1.15.
    found = causes(SEPTEMBER, (MONTHLY, PACK, replace(EURO, paid="7.20", rate="1.20")))
    assert {cause: float(value) for cause, value in found.items()} == pytest.approx(
        {"exchange_rate": 4 * 0.55, "local_price": 4 * 1.15}, abs=1e-6
    )


def test_the_same_months_the_other_way_round_have_the_same_causes_negated() -> None:
    october = (
        replace(MONTHLY, count=17, listed="5.95", paid="5.35", discount="0.60"),
        replace(PACK, store="google_play", paid="3.10", listed="3.10"),
        replace(EURO, paid="7.20", rate="1.20"),
    )
    one, other = causes(SEPTEMBER, october), causes(october, SEPTEMBER)
    assert len(one) >= 6
    for cause in CAUSES:
        total = one.get(cause, Decimal(0)) + other.get(cause, Decimal(0))
        assert abs(total) < ROUNDING, cause


def test_fees_change_with_the_money_and_with_the_rate_and_tax_by_itself() -> None:
    # Google: 100.00 at 30 %, then 120.00 at 15 %: the rate brings 0.15 of 110.00, the money takes
    # 20.00 at 22.5 %. A product that is new bears all of its fee as money. Tax 5.00, then 7.00.
    rows = [
        ("2026-09-15", "pack", "105", "5", "30"), ("2026-10-15", "pack", "127", "7", "18"),
        ("2026-10-16", "course", "20", "0", "3"),
    ]  # fmt: skip
    with new_working_file() as con:
        con.execute("""
            create table intermediate.int_clock as
            select timestamp '2026-11-20' as as_of_at, date '2026-11-01' as as_of_month;
            create table marts.fct_revenue (
                booked_at timestamp, product_key varchar, gross_usd decimal(18, 4),
                tax_usd decimal(18, 4), store_fee_usd decimal(18, 4),
                product_kind varchar default 'any', store varchar default 'google_play')""")
        names = "booked_at, product_key, gross_usd, tax_usd, store_fee_usd"
        con.executemany(f"insert into marts.fct_revenue ({names}) values (?, ?, ?, ?, ?)", rows)
        run_models(con, ["proceeds_changes_monthly"])
        found = con.execute("""
            select revenue_month::varchar, product, tax_usd, store_fee_volume_usd,
                store_fee_rate_usd
            from marts.proceeds_changes_monthly order by 1, 2""").fetchall()
    told = {(month[:7], product): tuple(map(float, rest)) for month, product, *rest in found}
    assert told == {
        ("2026-09", "pack"): (-5.0, -30.0, 0.0),
        ("2026-10", "pack"): (-2.0, -4.5, 16.5),
        ("2026-10", "course"): (0.0, -3.0, 0.0),
        ("2026-11", "pack"): (7.0, 18.0, 0.0),
        ("2026-11", "course"): (0.0, 3.0, 0.0),
    }
