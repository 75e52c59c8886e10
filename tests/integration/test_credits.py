"""Credit marts on small histories whose numbers are worked out by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pipelines.base.settings import Settings
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


def lots(settings: Settings, user: UUID = USER) -> list[tuple[Any, ...]]:
    """(credits, consumed, revoked, debt, remaining, recognised, liability) of lots in order."""
    sql = """
        select credits, consumed_credits, revoked_credits, debt_credits, remaining_credits,
            recognised_usd, liability_usd
        from fct_credit_lots where user_id = ? order by purchased_at, lot_id
    """
    return [tuple(row.values()) for row in read(settings, sql, user)]


def months(settings: Settings) -> list[tuple[Any, ...]]:
    sql = """
        select month, purchased_credits, consumed_credits, revoked_credits, outstanding_credits,
            purchased_usd, recognised_usd, refunded_usd, liability_usd
        from credit_liability_monthly order by month
    """
    return [tuple(row.values()) for row in read(settings, sql)]


def usd(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount).quantize(Decimal("0.0001")) for amount in amounts)


def test_what_is_spent_comes_from_the_credits_that_came_first(tmp_path: Path) -> None:
    """
    Worked example credits-order: 1000 and 500, 750 spent: 250 and 500 are left. Lots never expire:
    three months on they are still there, and owed in every month between.
    """
    packs = [pack(1, on(3, 1), 1000, "10.00"), pack(2, on(3, 2), 500, "5.00")]
    settings = credits(tmp_path, packs, [usage(on(3, 20), 1500, 750)])
    assert lots(settings) == [
        (1000, 750, 0, 0, 250, *usd("7.5", "2.5")),
        (500, 0, 0, 0, 500, *usd("0", "5")),
    ]
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
        (4000, 1000, 3000, 0, 0, *usd("0", "0")),
        (10000, 500, 0, 0, 9500, *usd("0.2975", "5.6525")),
    ]
    assert months(settings) == [
        (date(2026, 3, 1), 4000, 1000, 0, 3000, *usd("2.95", "0.7375", "0", "2.2125")),
        (date(2026, 4, 1), 10000, 0, 0, 13000, *usd("5.95", "0", "0", "8.1625")),
        (date(2026, 5, 1), 0, 500, 3000, 9500, *usd("0", "-0.44", "2.95", "5.6525")),
        (date(2026, 6, 1), 0, 0, 0, 9500, *usd("0", "0", "0", "5.6525")),
    ]


EARLY, GIFTED, OVERSHOT, REPEATED, TESTER, AHEAD, GIVEN = (UUID(int=n) for n in range(11, 18))
CLAWED, UNSEEN, BESIDE, KEPT, PARTLY, ROLLED, HIDDEN, AT_ONCE, CUSHIONED = (
    UUID(int=n) for n in range(21, 30)
)


def refunded() -> dict[str, Any]:
    """A pack of 4000 of 1 March, refunded on the 12th."""
    return pack(1, on(3, 1), 4000, "2.95", status="refunded", updated_at=on(3, 12))


def after(month: int, day: int, bank_limit: int, bank_used: int) -> dict[str, Any]:
    """A balance as the purchase of the day left it, ten seconds later."""
    return usage(on(month, day) + timedelta(seconds=10), bank_limit, bank_used)


def of(user: UUID, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """The same rows as another user's, with ids and tokens of their own."""
    moved = []
    for row in rows:
        number = row["id"].int + user.int * 1000
        changed = {"id": UUID(int=number), "user_id": user}
        if "purchase_id" in row:
            changed["purchase_id"] = f"GPA.{number}"
            changed["purchase_token_hash"] = f"{user.int} {row['purchase_token_hash']}"
        moved.append(row | changed)
    return moved


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One build for all who are looked at one by one."""
    packs = [
        *of(EARLY, pack(1, on(1, 5), 4000, "2.95")),
        *of(GIFTED, pack(1, on(3, 5), 4000, "2.95")),
        *of(OVERSHOT, pack(1, on(3, 1), 4000, "2.95"), pack(2, on(4, 1), 4000, "2.95")),
        *of(
            REPEATED,
            pack(1, on(3, 1), 4000, "2.95"),
            pack(2, on(3, 2), 4000, "2.95", purchase_token_hash="token 1"),
            pack(3, on(3, 3), 4000, "2.95", status="restored"),
            pack(4, on(3, 3), 4000, "2.95", status="pending_validation"),
        ),
        *of(TESTER, pack(1, on(3, 3), 4000, "2.95")),
        *of(AHEAD, pack(1, datetime(2099, 1, 1), 4000, "2.95")),
        *of(CLAWED, refunded(), pack(2, on(3, 20), 4000, "2.95")),
        *of(UNSEEN, refunded(), pack(2, on(3, 20), 4000, "2.95")),
        *of(BESIDE, refunded(), pack(2, on(3, 2), 4000, "2.95")),
        *of(KEPT, refunded(), pack(2, on(3, 20), 4000, "2.95")),
        *of(PARTLY, refunded(), pack(2, on(3, 20), 4000, "2.95")),
        *of(ROLLED, refunded(), pack(2, on(3, 20), 1000, "1.00"), pack(3, on(4, 2), 4000, "2.95")),
        *of(HIDDEN, refunded(), pack(2, on(3, 20), 4000, "2.95")),
        *of(AT_ONCE, refunded(), pack(2, on(3, 20), 4000, "2.95")),
        *of(CUSHIONED, refunded(), pack(2, on(3, 20), 4000, "2.95")),
    ]
    versions = [
        of(EARLY, usage(on(4, 30), 4000, 1000)),
        of(GIFTED, usage(on(3, 1), 500, 300), usage(on(3, 9), 4500, 400)),
        of(OVERSHOT, usage(on(3, 9), 4000, 4046), usage(on(4, 1, 6), 8000, 4046)),
        of(REPEATED, usage(on(3, 9), 4000, 50)),
        of(TESTER, usage(on(3, 9), 9, 9)),
        of(GIVEN, usage(on(3, 9), 500, 300)),
        of(
            CLAWED, usage(on(3, 8), 4000, 3000), usage(on(3, 12), 0, 3000), after(3, 20, 4000, 3000)
        ),
        of(UNSEEN, usage(on(3, 8), 4000, 3000), after(3, 20, 4000, 3000)),
        of(BESIDE, usage(on(3, 8), 8000, 3000), usage(on(3, 12), 4000, 3000)),
        of(KEPT, usage(on(3, 8), 4000, 3000), after(3, 20, 8000, 3000)),
        of(
            PARTLY,
            usage(on(3, 8), 4000, 3000),
            usage(on(3, 12), 3000, 3000),
            after(3, 20, 7000, 3000),
        ),
        of(ROLLED, usage(on(3, 8), 4000, 3000), after(3, 20, 1000, 3000), after(4, 2, 5000, 3000)),
        of(HIDDEN, after(3, 25, 4000, 3000)),
        of(AT_ONCE, usage(on(3, 12), 0, 3000), after(3, 20, 4000, 3000)),
        of(
            CUSHIONED,
            usage(on(3, 8), 4500, 3000),
            usage(on(3, 12), 500, 3000),
            after(3, 20, 4500, 3000),
        ),
    ]
    present = [{k: v for k, v in rows[-1].items() if k[0] != "_"} for rows in versions]
    settings = settings_at(tmp_path_factory.mktemp("shared"))
    write_raw(
        settings,
        {
            "user_profile": [{"user_id": TESTER, "role": "admin"}],
            "ai_credit_purchases": packs,
            "ai_usage": present,
        },
        as_of=AS_OF,
        history={"ai_usage": [row for rows in versions for row in rows]},
    )
    build(settings, *MARTS)
    return settings


def movements(settings: Settings, user: UUID) -> list[tuple[Any, ...]]:
    """(time, kind, credits, dollars) of what happened to a user's lots."""
    sql = """
        select movement_at, movement_type, credits, amount_usd
        from int_credit_lot_movements
        where lot_id in (select lot_id from fct_credit_lots where user_id = ?)
        order by movement_at, movement_type desc
    """
    return [tuple(row.values()) for row in read(settings, sql, user)]


def balance(settings: Settings, user: UUID) -> dict[str, Any]:
    return read(settings, "select * from credit_balances where user_id = ?", user)[0]


def test_use_before_the_first_version_counts_at_that_version(shared: Settings) -> None:
    assert movements(shared, EARLY) == [
        (on(1, 5), "purchase", 4000, *usd("2.95")),
        (on(4, 30), "consume", 1000, *usd("0.7375")),
    ]


def test_a_gift_used_before_any_pack_is_no_revenue(shared: Settings) -> None:
    """300 of 500 given are used, then a pack, then 100 more: these are the lot's."""
    assert lots(shared, GIFTED) == [(4000, 100, 0, 0, 3900, *usd("0.0738", "2.8762"))]
    found = balance(shared, GIFTED)
    assert (found["purchased_credits"], found["unexplained_credits"]) == (4000, 500)
    assert (found["bank_remaining_credits"], found["is_reconciled"]) == (4100, False)


def test_a_turn_that_overshot_the_bank_is_paid_by_the_next_pack(shared: Settings) -> None:
    """4046 used of 4000; the pack of April starts with 46 used, as the bank does."""
    assert [row[1:5] for row in lots(shared, OVERSHOT)] == [(4000, 0, 0, 0), (0, 0, 46, 3954)]
    assert balance(shared, OVERSHOT)["bank_remaining_credits"] == 3954
    assert balance(shared, OVERSHOT)["is_reconciled"]
    assert movements(shared, OVERSHOT) == [
        (on(3, 1), "purchase", 4000, *usd("2.95")),
        (on(3, 9), "consume", 4000, *usd("2.95")),
        (on(4, 1), "purchase", 4000, *usd("2.95")),
        (on(4, 1), "debt", 46, *usd("0.0339")),
    ]


SECOND = (4000, 0, 0, 3000, 1000, *usd("2.2125", "0.7375"))


def test_what_a_refund_claws_back_below_what_was_used_the_next_pack_pays(shared: Settings) -> None:
    """3000 of 4000 used, refunded; of the next 4000 only 1000 are left: 2.2125 earned."""
    assert lots(shared, CLAWED) == [(4000, 3000, 1000, 0, 0, *usd("0", "0")), SECOND]
    assert balance(shared, CLAWED)["bank_remaining_credits"] == 1000
    assert balance(shared, CLAWED)["is_reconciled"]
    assert movements(shared, CLAWED)[-2:] == [
        (on(3, 20), "purchase", 4000, *usd("2.95")),
        (on(3, 20), "debt", 3000, *usd("2.2125")),
    ]


@pytest.mark.parametrize("user", [UNSEEN, AT_ONCE])
def test_a_clawback_is_known_by_what_the_bank_shows_after_it(shared: Settings, user: UUID) -> None:
    """Nobody looked between refund and purchase; or the first snapshot fell on the very refund."""
    assert lots(shared, user)[-1] == SECOND
    assert balance(shared, user)["is_reconciled"]


def test_a_pack_that_is_open_at_the_refund_pays_at_once(shared: Settings) -> None:
    assert lots(shared, BESIDE)[-1] == SECOND
    assert (on(3, 12), "debt", 3000, *usd("2.2125")) in movements(shared, BESIDE)
    assert balance(shared, BESIDE)["is_reconciled"]


def test_a_bank_that_takes_nothing_or_only_the_rest_back_leaves_no_debt(shared: Settings) -> None:
    """KEPT's bank still holds the 1000 of the refunded pack, which no lot explains."""
    for user, is_reconciled in ((KEPT, False), (PARTLY, True)):
        assert lots(shared, user)[-1] == (4000, 0, 0, 0, 4000, *usd("0", "2.95"))
        assert balance(shared, user)["is_reconciled"] is is_reconciled


def test_a_debt_that_is_more_than_a_pack_goes_on_to_the_one_after(shared: Settings) -> None:
    assert [row[3:5] for row in lots(shared, ROLLED)] == [(0, 0), (1000, 0), (2000, 2000)]
    assert balance(shared, ROLLED)["is_reconciled"]


def test_a_gift_that_is_left_pays_part_of_the_debt(shared: Settings) -> None:
    """500 given: the bank shows 3000 used of 500, so 2500 are owed."""
    assert lots(shared, CUSHIONED)[-1][3:5] == (2500, 1500)
    assert balance(shared, CUSHIONED)["is_reconciled"]


def test_use_that_a_refund_hides_from_the_first_look_is_marked(shared: Settings) -> None:
    sql = """
        select consumed_credits, revoked_credits, is_use_before_first_look_hidden
        from fct_credit_lots where user_id = ? order by purchased_at
    """
    assert [tuple(row.values()) for row in read(shared, sql, HIDDEN)] == [
        (0, 4000, True),
        (3000, 0, False),
    ]
    assert balance(shared, HIDDEN)["is_reconciled"]
    marked = read(shared, "select 1 from fct_credit_lots where is_use_before_first_look_hidden")
    assert len(marked) == 1


def test_repeats_and_restored_and_pending_packs_are_no_lots(shared: Settings) -> None:
    assert [row[:2] for row in lots(shared, REPEATED)] == [(4000, 50)]
    assert balance(shared, REPEATED)["is_reconciled"]


def test_a_tester_has_consumption_and_no_lots(shared: Settings) -> None:
    assert lots(shared, TESTER) == []
    sql = "select user_id, bank_consumed_credits from fct_credit_consumption where is_test"
    assert read(shared, sql) == [{"user_id": TESTER, "bank_consumed_credits": 9}]
    assert balance(shared, TESTER)["is_test"]


def test_a_pack_sold_after_as_of_by_its_clock_has_not_happened(shared: Settings) -> None:
    assert lots(shared, AHEAD) == []
    assert max(row[0] for row in months(shared)) == date(2026, 6, 1)


def test_a_bank_that_no_pack_explains_is_unexplained(shared: Settings) -> None:
    assert balance(shared, GIVEN)["unexplained_credits"] == 500


def test_a_week_is_summed_by_the_access_of_its_time(tmp_path: Path) -> None:
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
            "access": "free",
            "users": 1,
            "active_users": 1,
            "granted_credits": 0,
            "weekly_consumed_credits": 10,
            "bank_consumed_credits": 40,
            "utilisation_rate": None,
            "exhausted_users": 1,
            "is_lower_bound": False,
            "is_observed": False,
            "is_complete": True,
            "consumed_to_granted_ratio": None,
            "bank_dependence_rate": 0.8,
            "bank_users": 1,
            "max_unobserved_credits": 0,
        },
        {
            "week_start_date": date(2026, 3, 9),
            "access": "premium",
            "users": 1,
            "active_users": 1,
            "granted_credits": 10000,
            "weekly_consumed_credits": 2000,
            "bank_consumed_credits": 0,
            "utilisation_rate": 0.2,
            "exhausted_users": 0,
            "is_lower_bound": False,
            "is_observed": False,
            "is_complete": True,
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


def test_the_outlook_goes_on_at_the_pace_of_the_last_four_weeks(tmp_path: Path) -> None:
    """
    800 used in 28 days are 200 a week. 100 are left of a lot at 0.01 each, then 4000 at 0.0007375:
    100 * 0.01 + 100 * 0.0007375 = 1.0738 in the first week, 0.1475 in each one after.
    """
    packs = [pack(1, on(5, 1), 1000, "10.00"), pack(2, on(5, 2), 4000, "2.95")]
    versions = [
        usage(on(5, 3), 5000, 100),
        usage(on(6, 1), 5000, 500),
        usage(on(6, 19), 5000, 900),
    ]
    settings = settings_at(tmp_path)
    tables = {"ai_credit_purchases": packs}
    write_raw(settings, tables, as_of=AS_OF, history={"ai_usage": versions})
    build(settings, "credit_recognition_outlook")
    found = read(settings, "select * from credit_recognition_outlook order by week_number")
    assert [tuple(row.values()) for row in found[:2]] == [
        (1, date(2026, 6, 20), 200, *usd("1.0738", "2.8762")),
        (2, date(2026, 6, 27), 200, *usd("0.1475", "2.7287")),
    ]
    assert len(found) == 12
    assert found[-1]["expected_liability_usd"] == Decimal("2.8762") - 11 * Decimal("0.1475")
