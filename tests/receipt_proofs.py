"""What the receipts' marts must say of random rows; each proof raises AssertionError."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.receipt_oracle import Receipt, Rows, cents, expected_row, judge, status_of
from tests.recognition_oracle import Sale, billed, recognised

Read = Callable[[str], list[dict[str, Any]]]
MARTS = (
    "fct_receipts",
    "fct_revenue",
    "fct_subscription_periods",
    "revenue_daily",
    "revenue_monthly",
    "revenue_recognition_monthly",
    "receipt_duplicates",
)


@dataclass
class Expected:
    """Rows of the source, the settings of the build, and what the oracle makes of them."""

    rows: Rows
    as_of: datetime
    tax_rate: str = "0"
    program: str = "standard"

    def __post_init__(self) -> None:
        self.receipts = judge(self.rows, self.as_of)
        written: dict[str, datetime] = {
            f"{table}:{row['id']}": row["updated_at"]
            for table in ("ai_credit_purchases", "course_purchases", "custom_course_purchases")
            for row in self.rows.get(table, [])
            if status_of(row) == "refunded"
        }
        said = dict(written)
        for receipt_id, at in written.items():  # a sale is refunded where a row of its user says so
            receipt = self.receipts[receipt_id]
            first = self.receipts.get(receipt.duplicate_of or "")
            if first and first.user_id == receipt.user_id:
                said[first.receipt_id] = min(said.get(first.receipt_id, at), at)
        self.refunds = {
            receipt_id: self._refunded_at(receipt_id, at) for receipt_id, at in said.items()
        }
        self.amounts: dict[str, dict[str, Any]] = {}

    def _refunded_at(self, receipt_id: str, written_at: datetime) -> datetime:
        """Not before the sale, not after the snapshot."""
        sold_at = self.receipts[receipt_id].transacted_at
        return min(max(written_at, sold_at or written_at), self.as_of)

    @property
    def counted(self) -> list[Receipt]:
        return [one for one in self.receipts.values() if one.verdict == "counted"]


def receipts_are_judged_and_priced(expected: Expected, read: Read) -> None:
    found = read(
        """
        select receipts.*, coalesce(days.paid_days_before, 0) as paid_days
        from marts.fct_receipts as receipts
        left join intermediate.int_subscription_paid_days as days
            on receipts.source_id = days.source_event_id
        """
    )
    assert {row["receipt_id"] for row in found} == set(expected.receipts)
    for row in found:
        receipt = expected.receipts[row["receipt_id"]]
        wanted = expected_row(receipt, row["paid_days"], expected.program, expected.tax_rate)
        expected.amounts[receipt.receipt_id] = wanted
        wanted = wanted | {"refunded_at": expected.refunds.get(receipt.receipt_id)}
        wrong = {name: (row[name], value) for name, value in wanted.items() if row[name] != value}
        assert not wrong, receipt


def restored_receipts_know_whether_their_sale_is_there(expected: Expected, read: Read) -> None:
    proofs = {
        (one.store, kind, proof)
        for one in expected.counted
        if one.table != "subscription_events"
        for kind, proof in (("token", one.token), ("order", (one.order or "").lower()))
        if proof
    }
    lonely = {
        one.receipt_id
        for one in expected.receipts.values()
        if one.verdict == "restored"
        and (one.store, "token", one.token) not in proofs
        and (one.store, "order", (one.order or "").lower()) not in proofs
    }
    found = read("select receipt_id from marts.fct_receipts where is_restored_without_sale")
    assert {row["receipt_id"] for row in found} == lonely


def every_counted_receipt_is_booked(expected: Expected, read: Read) -> None:
    wanted = {}
    for receipt in expected.counted:
        money = expected.amounts[receipt.receipt_id]
        amounts = [money[name] for name in ("paid_usd", "tax_usd", "store_fee_usd", "proceeds_usd")]
        given = money["discount_usd"] or Decimal(0)
        wanted[receipt.receipt_id, "charge"] = (receipt.transacted_at, given, *amounts)
        if receipt.receipt_id in expected.refunds:
            back = [-amount for amount in amounts]
            at = expected.refunds[receipt.receipt_id]
            wanted[receipt.receipt_id, "refund"] = (at, Decimal(0), *back)
    found = {
        (row["receipt_id"], row["entry_type"]): (
            row["booked_at"],
            row["discount_usd"],
            row["gross_usd"],
            row["tax_usd"],
            row["store_fee_usd"],
            row["proceeds_usd"],
        )
        for row in read("from marts.fct_revenue")
    }
    assert found == wanted


def days_and_months_sum_up_the_entries(expected: Expected, read: Read) -> None:
    charges: dict[Any, list[Receipt]] = defaultdict(list)
    for receipt in expected.counted:
        charges[receipt.transacted_at.date().replace(day=1), receipt.kind].append(receipt)
    found = {
        (row["revenue_month"], row["product_kind"]): row
        for row in read("from marts.revenue_monthly")
        if row["charges"]
    }
    assert set(found) == set(charges)
    for key, sold in charges.items():
        gross = sum((one.paid for one in sold if one.paid), Decimal(0))
        users = len({one.user_id for one in sold})
        refunded = sum(1 for one in sold if one.receipt_id in expected.refunds)
        row = found[key]
        assert (row["charges"], row["paying_users"], row["gross_usd"]) == (len(sold), users, gross)
        assert row["arppu_usd"] == cents(Fraction(gross) / users)
        assert abs(row["refund_rate"] - refunded / len(sold)) < 1e-12
    daily = read("select sum(net_usd) as net, sum(proceeds_usd) as kept from marts.revenue_daily")[
        0
    ]
    entries = read("select sum(gross_usd) as net, sum(proceeds_usd) as kept from marts.fct_revenue")
    assert daily == entries[0]


def groups_of_duplicates_show_their_excess(expected: Expected, read: Read) -> None:
    granted = {
        f"ai_credit_purchases:{row['id']}": row["credits_amount"] or 0
        for row in expected.rows.get("ai_credit_purchases", [])
    }
    for receipt in expected.receipts.values():
        size = re.fullmatch(r"ai_credits_(4000|10000)", receipt.product_key)
        if size and receipt.credits and receipt.credits > 10 * int(size[1]):
            granted[receipt.receipt_id] = int(size[1])
    wanted: dict[str, list[Any]] = {}
    users = defaultdict(set)
    for receipt in expected.receipts.values():
        users[receipt.duplicate_of or receipt.receipt_id].add(receipt.user_id)
        if receipt.duplicate_of:
            group = wanted.setdefault(receipt.duplicate_of, [1, Decimal(0), 0])
            group[0] += 1
            group[1] += receipt.paid or 0
            group[2] += granted.get(receipt.receipt_id, 0)
    found = {
        row["first_receipt_id"]: (
            [row["receipts"], row["excess_usd"], row["excess_credits"]],
            row["users"],
        )
        for row in read("from marts.receipt_duplicates")
    }
    assert found == {first: (group, len(users[first])) for first, group in wanted.items()}


def revenue_is_recognised_day_by_day(expected: Expected, read: Read) -> None:
    periods = {row["source_event_id"]: row for row in read("from marts.fct_subscription_periods")}
    sales: dict[str, list[Sale]] = defaultdict(list)
    for receipt in expected.counted:
        is_event = receipt.table == "subscription_events"
        period = periods.get(receipt.source_id, {}) if is_event else {}
        assert receipt.paid is not None
        sale = Sale(
            receipt.paid,
            receipt.transacted_at,
            expected.refunds.get(receipt.receipt_id),
            period.get("period_start_at"),
            period.get("period_end_at"),
            period.get("effective_end_at"),
        )
        sales[receipt.kind].append(sale)
    for kind in set(sales) - {"ai_credits"}:
        rows = read(f"from marts.revenue_recognition_monthly where product_kind = '{kind}'")
        for column, wanted in (
            ("recognised_usd", recognised(sales[kind], expected.as_of.date())),
            ("billed_usd", billed(sales[kind])),
        ):
            found = {row["recognition_month"]: row[column] for row in rows if row[column]}
            assert found == wanted, (kind, column)


PROOFS = (
    receipts_are_judged_and_priced,
    restored_receipts_know_whether_their_sale_is_there,
    every_counted_receipt_is_booked,
    days_and_months_sum_up_the_entries,
    groups_of_duplicates_show_their_excess,
    revenue_is_recognised_day_by_day,
)
