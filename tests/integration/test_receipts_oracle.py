"""Thousands of random receipts in one build agree with an oracle in plain Python."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.receipt_histories import AS_OF, random_rows
from tests.receipt_oracle import amounts, fee_rate, judge
from tests.warehouse import build_from, read

MARTS = ("fct_revenue", "receipt_duplicates", "revenue_daily", "revenue_monthly")


@pytest.mark.parametrize(
    ("seed", "tax_rate", "program"), [(1, "0", "standard"), (2, "0.19", "small_business")]
)
def test_random_receipts_agree_with_the_oracle(
    tmp_path: Path, seed: int, tax_rate: str, program: str
) -> None:
    rows = random_rows(seed)
    variables = {"tax_rate": tax_rate, "fee_program": program}
    settings = build_from(tmp_path, rows, *MARTS, as_of=AS_OF, dbt_vars=variables)
    expected = judge(rows, AS_OF)
    found = read(
        settings,
        """
        select receipts.*, coalesce(days.paid_days_before, 0) as paid_days
        from fct_receipts as receipts
        left join int_subscription_paid_days as days on receipts.source_id = days.source_event_id
        """,
    )
    assert {row["receipt_id"] for row in found} == set(expected)
    for row in found:
        receipt = expected[row["receipt_id"]]
        rate = fee_rate(receipt, row["paid_days"], program)
        wanted = {
            "user_id": receipt.user_id,
            "is_test": receipt.is_test,
            "store": receipt.store,
            "product_key": receipt.product_key,
            "product_kind": receipt.kind,
            "offer_id": receipt.offer,
            "order_id": receipt.order,
            "token_hash": receipt.token,
            "transacted_at": receipt.transacted_at,
            "time_fault": receipt.time_fault,
            "verdict": receipt.verdict,
            "duplicate_of": receipt.duplicate_of,
            "list_price_usd": receipt.list_price,
            "paid_usd": receipt.paid,
            "price_basis": receipt.basis,
            **amounts(receipt, rate, Decimal(tax_rate)),
        }
        assert {name: row[name] for name in wanted} == wanted
    verdicts = Counter(receipt.verdict for receipt in expected.values())
    assert len(verdicts) == 9, verdicts
    groups = Counter(
        receipt.duplicate_of for receipt in expected.values() if receipt.duplicate_of is not None
    )
    assert sorted(groups.values())[-2:] == [199, 299]
    assert {
        row["group_id"]: row["receipts"] for row in read(settings, "from receipt_duplicates")
    } == {first: others + 1 for first, others in groups.items()}
