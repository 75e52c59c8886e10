"""What the referral marts must hold, worked out in plain Python over rows of the source.

Shares nothing with the SQL: chains are walked upwards user by user, sums are loops.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Key = Any


def same(code: str | None) -> str:
    """A code as it is compared; empty if it is none."""
    return (code or "").strip().lower()


def is_tester(row: Row) -> bool:
    return row["role"] in ("tester", "admin")


@dataclass
class Referral:
    """One referred user as fct_referrals should show it."""

    user: Key
    kind: str
    referrer: Key | None
    partner: str | None
    is_test: bool
    depth: int | None = None
    root: Key | None = None
    is_self: bool = False
    is_cycle: bool = False
    first_premium: datetime | None = None
    status: str = ""
    expected: Decimal = Decimal(0)
    given: Decimal = Decimal(0)
    payout: Decimal = Decimal(0)


class Oracle:
    """The referral marts for rows of the operational tables at `as_of`."""

    def __init__(self, rows: dict[str, list[Row]], as_of: datetime) -> None:
        self.rows, self.as_of = rows, as_of
        self.users = {row["user_id"]: row for row in rows["user_profile"]}
        self.premium = self.first_premiums()
        self.referrals = {r.user: r for r in self.resolved()}
        for referral in self.referrals.values():
            self.place(referral)
        credits = defaultdict(list)
        for row in rows["referral_credits"]:
            credits[row["referred_user_id"]].append(row)
        for referral in self.referrals.values():
            self.judge(referral, credits[referral.user])

    def first_premiums(self) -> dict[Key, datetime]:
        """When each user's first paid period began; in these rows a trial has an offer."""
        first: dict[Key, datetime] = {}
        for row in self.rows["subscription_events"]:
            if row["offer_id"] is None:
                known = first.get(row["user_id"], row["created_at"])
                first[row["user_id"]] = min(known, row["created_at"])
        return first

    def owner(self, code: str) -> tuple[str, Key | None, str | None]:
        """(kind, user, partner) of a code: discount codes, then users, then partners."""
        oldest = {"key": lambda row: (row["created_at"], str(row.get("id", row.get("user_id"))))}
        discounts = [r for r in self.rows["discount_codes"] if same(r["code"]) == code]
        if discounts:
            return "discount_code", min(discounts, **oldest).get("referrer_user_id"), None
        users = [r for r in self.rows["user_profile"] if same(r["referral_code"]) == code]
        if users:
            return "user", min(users, **oldest)["user_id"], None
        partners = [
            r
            for r in self.rows["cohorts"]
            if same(r["code"]) == code and r["cohort_type"] == "partner"
        ]
        if partners:
            return "partner", None, min(partners, **oldest)["code"]
        return "unknown_code", None, None

    def resolved(self) -> Iterable[Referral]:
        owners: dict[str, tuple[str, Key | None, str | None]] = {}
        for user, row in self.users.items():
            code = same(row["referred_by_code"])
            if not code:
                continue
            if code not in owners:
                owners[code] = self.owner(code)
            kind, referrer, partner = owners[code]
            behind = self.users.get(referrer)
            is_test = is_tester(row) or (behind is not None and is_tester(behind))
            yield Referral(
                user, kind, referrer, partner, is_test, first_premium=self.premium.get(user)
            )

    def above(self, user: Key) -> Key | None:
        """Who brought a user; an own code counts as nobody's."""
        referral = self.referrals.get(user)
        return None if referral is None or referral.referrer == user else referral.referrer

    def place(self, referral: Referral) -> None:
        """Walk up until nobody is above, or somebody is met again."""
        referral.is_self = referral.referrer == referral.user
        if referral.referrer is None or referral.is_self:
            return
        met, at, steps = {referral.user}, referral.referrer, 1
        while at not in met:
            met.add(at)
            higher = self.above(at)
            if higher is None:
                referral.depth, referral.root = steps, at
                return
            at, steps = higher, steps + 1
        referral.is_cycle = True

    def judge(self, referral: Referral, credits: Sequence[Row]) -> None:
        """What is owed for a referred user, and whether that was given."""
        may_earn = referral.kind == "user" and not referral.is_self and not referral.is_cycle
        is_owed = may_earn and referral.first_premium is not None
        referral.expected = Decimal(1) if is_owed else Decimal(0)
        referral.given = sum((row["amount"] for row in credits), Decimal(0))
        if referral.kind == "partner" and referral.first_premium is not None:
            referral.payout = Decimal(2)
        if not is_owed:
            unpaid = "pending" if may_earn else "none"
            referral.status = "ineligible" if credits else unpaid
        elif len(credits) > 1:
            referral.status = "duplicate"
        elif [row["user_id"] for row in credits] == [referral.referrer]:
            referral.status = "paid"
        else:
            referral.status = "missing"

    def chains(self) -> dict[Key, tuple[int, int, int]]:
        """(direct, whole chain, greatest depth) by root, without test users."""
        found: dict[Key, list[int]] = defaultdict(list)
        for r in self.referrals.values():
            if r.depth is None or r.is_test or is_tester(self.users.get(r.root, {"role": "user"})):
                continue
            found[r.root].append(r.depth)
        return {root: (d.count(1), len(d), max(d)) for root, d in found.items()}

    def months(self) -> dict[date, tuple[int, ...]]:
        """(users, referrers, referred within 30 days, referred, premium of them, organic,
        premium of them) by month of sign-up."""
        real = [row for row in self.users.values() if not is_tester(row)]
        users = Counter(month_of(row["created_at"]) for row in real)
        within: Counter[date] = Counter()
        referrers: dict[date, set[Key]] = defaultdict(set)
        came: Counter[date] = Counter()
        converted: Counter[date] = Counter()
        for r in self.referrals.values():
            if r.is_test:
                continue
            signed_up = self.users[r.user]["created_at"]
            came[month_of(signed_up)] += 1
            converted[month_of(signed_up)] += r.first_premium is not None
            if r.referrer in self.users and not r.is_self and not r.is_cycle:
                begun = self.users[r.referrer]["created_at"]
                referrers[month_of(begun)].add(r.referrer)
                within[month_of(begun)] += begun <= signed_up < begun + timedelta(days=30)
        organic = [row for row in real if row["user_id"] not in self.referrals]
        alone = Counter(month_of(row["created_at"]) for row in organic)
        paying = Counter(
            month_of(row["created_at"]) for row in organic if row["user_id"] in self.premium
        )
        return {
            m: (users[m], len(referrers[m]), within[m], came[m], converted[m], alone[m], paying[m])
            for m in users
        }

    def balance(self) -> dict[date, tuple[Decimal, ...]]:
        """(earned, used, expired, outstanding) of each month with any movement, and the balance."""
        flows: dict[date, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
        for row in self.rows["referral_credits"]:
            owner = self.users.get(row["user_id"])
            if owner is not None and is_tester(owner):
                continue
            flows[month_of(row["created_at"])][0] += row["amount"]
            if row["used_at"] is not None:
                flows[month_of(max(row["used_at"], row["created_at"]))][1] += row["amount"]
            elif row["expires_at"] is not None and row["expires_at"] <= self.as_of:
                flows[month_of(max(row["expires_at"], row["created_at"]))][2] += row["amount"]
        balance, result = Decimal(0), {}
        for month in sorted(flows):
            earned, used, expired = flows[month]
            balance += earned - used - expired
            result[month] = (earned, used, expired, balance)
        return result


def month_of(at: datetime) -> date:
    return date(at.year, at.month, 1)
