"""Credit marts on small histories whose numbers are worked out by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pipelines.settings import Settings
from tests.warehouse import build, read, settings_at, write_raw

AS_OF = datetime(2026, 6, 20, 12)
MARTS = (
    "fct_credit_lots",
    "credit_balances",
    "credit_liability_monthly",
    "credit_consumption_weekly",
)
USER = UUID(int=1)


def on(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour)


def pack(number: int, at: datetime, credits: int, paid: str, **more: Any) -> dict[str, Any]:
    """A receipt of USER's for a pack, at a recorded price in dollars."""
    milliseconds = (at - datetime(1970, 1, 1)) // timedelta(milliseconds=1)
    return {
        "id": UUID(int=number),
        "user_id": USER,
        "product_id": f"ai_credits_{credits}",
        "purchase_id": f"GPA.{number}",
        "purchase_token_hash": f"token {number}",
        "source": "google_play",
        "credits_amount": credits,
        "amount_paid": Decimal(paid),
        "currency": "USD",
        "status": "purchased",
        "transaction_date": str(milliseconds),
        "created_at": at,
        "updated_at": at,
    } | more


def usage(at: datetime, bank_limit: int, bank_used: int, **more: Any) -> dict[str, Any]:
    """A version of USER's balance, seen an hour after it was written."""
    return {
        "id": UUID(int=100),
        "user_id": USER,
        "weekly_limit_credits": 0,
        "weekly_used_credits": 0,
        "bank_limit_credits": bank_limit,
        "bank_used_credits": bank_used,
        "updated_at": at,
        "_seen_at": at + timedelta(hours=1),
    } | more


def credits(
    folder: Path,
    packs: list[dict[str, Any]],
    versions: list[dict[str, Any]],
    **tables: list[dict[str, Any]],
) -> Settings:
    """Build the credit marts; the last version is the present balance."""
    present = [{k: v for k, v in row.items() if k[0] != "_"} for row in versions[-1:]]
    raw = {"ai_credit_purchases": packs, "ai_usage": present, **tables}
    settings = settings_at(folder)
    write_raw(settings, raw, as_of=AS_OF, history={"ai_usage": versions})
    build(settings, *MARTS)
    return settings


def lots(settings: Settings) -> list[tuple[Any, ...]]:
    """(credits, consumed, revoked, remaining, recognised, liability) of each lot in order."""
    sql = """
        select credits, consumed_credits, revoked_credits, remaining_credits, recognised_usd,
            liability_usd
        from fct_credit_lots order by purchased_at, lot_id
    """
    return [tuple(row.values()) for row in read(settings, sql)]


def months(settings: Settings) -> list[tuple[Any, ...]]:
    sql = "select * from credit_liability_monthly order by month"
    return [tuple(row.values()) for row in read(settings, sql)]


def usd(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount).quantize(Decimal("0.0001")) for amount in amounts)


def test_what_is_spent_comes_from_the_credits_that_came_first(tmp_path: Path) -> None:
    """Worked example credits-order: 1000 and 500, 750 spent: 250 and 500 are left."""
    packs = [pack(1, on(3, 1), 1000, "10.00"), pack(2, on(3, 2), 500, "5.00")]
    settings = credits(tmp_path, packs, [usage(on(3, 20), 1500, 750)])
    assert lots(settings) == [
        (1000, 750, 0, 250, *usd("7.5", "2.5")),
        (500, 0, 0, 500, *usd("0", "5")),
    ]


def test_lots_never_expire(tmp_path: Path) -> None:
    """250 and 500 are still there at as_of, three months on, and owed in every month between."""
    packs = [pack(1, on(3, 1), 1000, "10.00"), pack(2, on(3, 2), 500, "5.00")]
    settings = credits(tmp_path, packs, [usage(on(3, 20), 1500, 750)])
    assert months(settings) == [
        (date(2026, 3, 1), 1500, 750, 0, 750, *usd("15", "7.5", "0", "7.5")),
        (date(2026, 4, 1), 0, 0, 0, 750, *usd("0", "0", "0", "7.5")),
        (date(2026, 5, 1), 0, 0, 0, 750, *usd("0", "0", "0", "7.5")),
        (date(2026, 6, 1), 0, 0, 0, 750, *usd("0", "0", "0", "7.5")),
    ]


def test_a_refund_revokes_what_is_unused_and_takes_back_what_was_earned(tmp_path: Path) -> None:
    """
    4000 for 2.95 in March, 1000 used (0.7375 earned); 10000 for 5.95 in April; the first refunded
    on 10 May: 3000 revoked. 500 used after that come from the second: 0.2975.
    """
    packs = [
        pack(1, on(3, 1), 4000, "2.95", status="refunded", updated_at=on(5, 10)),
        pack(2, on(4, 1), 10000, "5.95"),
    ]
    versions = [usage(on(3, 5), 4000, 1000), usage(on(5, 11), 14000, 1500)]
    settings = credits(tmp_path, packs, versions)
    assert lots(settings) == [
        (4000, 1000, 3000, 0, *usd("0", "0")),
        (10000, 500, 0, 9500, *usd("0.2975", "5.6525")),
    ]
    assert months(settings) == [
        (date(2026, 3, 1), 4000, 1000, 0, 3000, *usd("2.95", "0.7375", "0", "2.2125")),
        (date(2026, 4, 1), 10000, 0, 0, 13000, *usd("5.95", "0", "0", "8.1625")),
        (date(2026, 5, 1), 0, 500, 3000, 9500, *usd("0", "-0.44", "2.95", "5.6525")),
        (date(2026, 6, 1), 0, 0, 0, 9500, *usd("0", "0", "0", "5.6525")),
    ]


def test_use_before_the_first_version_counts_in_the_month_of_that_version(tmp_path: Path) -> None:
    settings = credits(tmp_path, [pack(1, on(1, 5), 4000, "2.95")], [usage(on(4, 30), 4000, 1000)])
    recognised = {row[0]: row[6] for row in months(settings)}
    assert recognised[date(2026, 4, 1)] == Decimal("0.7375")
    assert sum(recognised.values()) == Decimal("0.7375")


def test_a_gift_used_before_any_pack_is_no_revenue(tmp_path: Path) -> None:
    """300 of 500 given are used, then a pack, then 100 more: these are the lot's."""
    versions = [usage(on(3, 1), 500, 300), usage(on(3, 9), 4500, 400)]
    settings = credits(tmp_path, [pack(1, on(3, 5), 4000, "2.95")], versions)
    assert lots(settings) == [(4000, 100, 0, 3900, *usd("0.0738", "2.8762"))]
    balance = read(settings, "select * from credit_balances")[0]
    assert balance["unexplained_credits"] == 500
    assert not balance["is_reconciled"]
    assert balance["bank_remaining_credits"] == 4100


def test_a_turn_that_overshot_the_bank_is_paid_by_the_next_pack(tmp_path: Path) -> None:
    """4046 used of 4000; the pack of April starts with 46 used, as the bank does."""
    packs = [pack(1, on(3, 1), 4000, "2.95"), pack(2, on(4, 1), 4000, "2.95")]
    versions = [usage(on(3, 9), 4000, 4046), usage(on(4, 1, 6), 8000, 4046)]
    settings = credits(tmp_path, packs, versions)
    assert [row[1:4] for row in lots(settings)] == [(4000, 0, 0), (46, 0, 3954)]
    assert read(settings, "select bank_remaining_credits from credit_balances") == [
        {"bank_remaining_credits": 3954}
    ]
    assert [row[2] for row in months(settings)] == [4000, 46, 0, 0]


def test_repeats_restored_packs_and_testers_have_no_lots(tmp_path: Path) -> None:
    tester = UUID(int=2)
    packs = [
        pack(1, on(3, 1), 4000, "2.95"),
        pack(2, on(3, 2), 4000, "2.95", purchase_token_hash="token 1"),
        pack(3, on(3, 3), 4000, "2.95", status="restored"),
        pack(4, on(3, 3), 4000, "2.95", status="pending_validation"),
        pack(5, on(3, 3), 4000, "2.95", user_id=tester),
    ]
    settings = credits(
        tmp_path,
        packs,
        [usage(on(3, 9), 4000, 50), usage(on(3, 9), 9, 9, user_id=tester, id=UUID(int=101))],
        user_profile=[{"user_id": tester, "role": "admin"}],
    )
    assert [row[:2] for row in lots(settings)] == [(4000, 50)]
    assert read(
        settings, "select user_id, bank_consumed_credits from fct_credit_consumption where is_test"
    ) == [{"user_id": tester, "bank_consumed_credits": 9}]
    assert months(settings)[0][1:3] == (4000, 50)


def test_a_week_is_summed_by_the_plan_of_its_time(tmp_path: Path) -> None:
    """
    Week of 2 March on free: 10 of 10 used, exhausted, and 40 of the bank. Seen premium from 9
    March on: 2000 of 10000 granted, 10 - 10 = 0 unseen. First version (25 so far) left out.
    """
    free = {"weekly_limit_credits": 10, "weekly_reset_date": on(3, 8)}
    premium = {"weekly_limit_credits": 10000, "weekly_reset_date": on(3, 15)}
    versions = [
        usage(on(3, 1), 100, 25, **free),
        usage(on(3, 7), 100, 65, weekly_used_credits=10, **free),
        usage(on(3, 11), 100, 65, weekly_used_credits=2000, **premium),
    ]
    subscription = {"id": UUID(int=5), "user_id": USER, "updated_at": on(3, 1)}
    settings = settings_at(tmp_path)
    plans = [
        subscription | {"plan": "free", "_seen_at": on(3, 1, 1)},
        subscription | {"plan": "premium", "_seen_at": on(3, 11, 1)},
    ]
    write_raw(settings, {}, as_of=AS_OF, history={"ai_usage": versions, "subscriptions": plans})
    build(settings, "credit_consumption_weekly")
    assert read(settings, "select * from credit_consumption_weekly") == [
        {
            "week_start_date": date(2026, 3, 2),
            "plan": "free",
            "users": 1,
            "active_users": 1,
            "granted_credits": 0,
            "weekly_consumed_credits": 10,
            "bank_consumed_credits": 40,
            "expired_credits": 0,
            "utilisation_rate": None,
            "exhausted_users": 1,
            "is_lower_bound": False,
            "consumed_to_granted_ratio": None,
            "bank_dependence_rate": 0.8,
            "bank_users": 1,
            "max_unobserved_credits": 0,
        },
        {
            "week_start_date": date(2026, 3, 9),
            "plan": "premium",
            "users": 1,
            "active_users": 1,
            "granted_credits": 10000,
            "weekly_consumed_credits": 2000,
            "bank_consumed_credits": 0,
            "expired_credits": 0,
            "utilisation_rate": 0.2,
            "exhausted_users": 0,
            "is_lower_bound": False,
            "consumed_to_granted_ratio": 0.2,
            "bank_dependence_rate": 0.0,
            "bank_users": 0,
            "max_unobserved_credits": 0,
        },
    ]


def test_more_used_than_granted_leaves_the_rate_at_one(tmp_path: Path) -> None:
    """A reset grants 100; 100 of it and, by an overshoot, 20 more are used: 120 / 100."""
    week = {"weekly_limit_credits": 100, "weekly_reset_date": on(3, 8)}
    versions = [
        usage(on(3, 1), 0, 0, weekly_used_credits=100, **week),
        usage(on(3, 9), 0, 0, weekly_used_credits=120, **week | {"weekly_reset_date": on(3, 15)}),
    ]
    settings = settings_at(tmp_path)
    write_raw(settings, {}, as_of=AS_OF, history={"ai_usage": versions})
    build(settings, "credit_consumption_weekly")
    sql = "select utilisation_rate, consumed_to_granted_ratio from credit_consumption_weekly"
    assert [tuple(row.values()) for row in read(settings, sql)] == [(1.0, pytest.approx(1.2))]


def test_without_packs_there_is_no_liability_and_no_error(tmp_path: Path) -> None:
    settings = credits(tmp_path, [], [usage(on(3, 1), 500, 300)])
    assert lots(settings) == []
    assert months(settings) == []
    assert read(settings, "select unexplained_credits from credit_balances") == [
        {"unexplained_credits": 500}
    ]


def test_a_pack_sold_after_as_of_by_its_clock_counts_at_as_of(tmp_path: Path) -> None:
    settings = credits(tmp_path, [pack(1, datetime(2099, 1, 1), 4000, "2.95")], [])
    assert months(settings) == [
        (date(2026, 6, 1), 4000, 0, 0, 4000, *usd("2.95", "0", "0", "2.95"))
    ]
