"""Users of one small world whose stores speak late, twice or in riddles, and its price book."""

from __future__ import annotations

import uuid
from typing import Any

from tests.e2e.pipeline import Business, at

PRICE_BOOK = """\
product_key,offer_id,store,valid_from,valid_to,price_usd,billing_months,credits_amount,is_kept
hypnoelp_subscriptions/monthly-plan,,,2020-01-01,,4.95,1,,false
hypnoelp_subscriptions/monthly-plan,free-trial,,2020-01-01,,0.00,1,,false
hypnoelp_subscriptions/quarterly-plan,,,2020-01-01,2026-06-01,12.95,3,,true
hypnoelp_subscriptions/quarterly-plan,,,2026-06-01,,15.95,3,,false
hypnoelp_subscriptions/yearly-plan,,,2020-01-01,,49.95,12,,false
ai_credits_4000,,,2020-01-01,,2.95,,4000,false
ai_credits_10000,,,2020-01-01,,5.95,,10000,false
"""
STORES = """\
store,grace_days,sale_is
google_play,16,token_or_order
app_store,59,order
"""
Q, Y = {"base_plan_id": "quarterly-plan"}, {"base_plan_id": "yearly-plan"}
APPLE = {
    "source": "app_store",
    "product_id": "me.hypnoelp.app.subscription_1month",
    "base_plan_id": None,
}


class Teller:
    """Writes each case, its user named."""

    def __init__(self, business: Business) -> None:
        self.business = business
        self.people: dict[str, uuid.UUID] = {}

    def user(self, name: str, **profile: Any) -> uuid.UUID:
        self.people[name] = self.business.user("2025-12-01", **profile)
        return self.people[name]

    def story(self, name: str, *events: tuple[str, str, str | None, dict[str, Any]]) -> uuid.UUID:
        """A user's events: (type, created, the end that it names, what else it says)."""
        user = self.user(name)
        for kind, when, end, values in events:
            expires = {} if end is None else {"expires_at": at(end)}
            self.business.event(user, kind, when, **expires, **values)
        return user

    def renews(self, user: uuid.UUID, auto_renew: bool, when: str, plan: str = "premium") -> None:
        """The billing state of a user, as the app last wrote it."""
        self.business.add(
            "subscriptions",
            user_id=user,
            plan=plan,
            auto_renew=auto_renew,
            created_at=at("2025-12-01"),
            updated_at=at(when),
        )


def tell_all(teller: Teller) -> None:
    story, business = teller.story, teller.business
    envelope = {"source": "app_store", "purchase_token": "one-receipt"}
    user = teller.user("one receipt, two transactions")
    for number, credits, minute in (("801", 4000, "00"), ("802", 10_000, "10")):
        order = {"purchase_id": f"200000777000{number}"}
        business.pack(user, f"2026-10-05 12:{minute}", credits, **envelope, **order)
    business.pack(user, "2026-10-05 13:00", 4000, **envelope, purchase_id=" ")

    business.add(
        "ai_usage", user_id=user, weekly_limit_credits=0, bank_limit_credits=14_000,
        bank_used_credits=0, updated_at=at("2026-10-06"),
    )  # fmt: skip
    original = APPLE | {"purchase_id": "200000777000111"}
    story(
        "original transaction on renewals",
        ("created", "2026-08-03", "2026-09-03", original),
        ("renewed", "2026-09-03", "2026-10-03", original),
        ("renewed", "2026-10-03", "2026-11-03", original),
        ("renewed", "2026-11-03", "2026-12-03", original),
    )
    five = [f"2026-10-10 10:{minute:02}" for minute in range(0, 40, 5)]
    story(
        "periods of five minutes",
        *[
            ("renewed" if n else "created", five[n], five[n + 1], APPLE | {"purchase_id": f"5{n}"})
            for n in range(7)
        ],
        ("expired", five[7], five[7], APPLE),
    )
    story(
        "change of plan without charge",
        ("created", "2026-10-01", "2026-11-01", {"purchase_id": "GPA.C1"}),
        ("created", "2026-10-16", "2026-11-04", Y | {"purchase_id": "GPA.C2"}),
        ("renewed", "2026-11-04", "2027-11-04", Y | {"purchase_id": "GPA.C2..0"}),
    )
    user = story(
        "cancel undone",
        ("created", "2026-11-05", "2026-12-05", {}),
        ("canceled", "2026-11-08", None, {}),
    )
    teller.renews(user, True, "2026-11-12")
    user = story(
        "cancel that stands",
        ("created", "2026-11-05", "2026-12-05", {}),
        ("canceled", "2026-11-08", None, {}),
    )
    teller.renews(user, False, "2026-11-08")
    user = story(
        "cancel stored before created",
        ("canceled", "2026-10-20 11:59:58", None, {}),
        ("created", "2026-10-20 12:00", "2026-11-20 12:00", {}),
    )
    teller.renews(user, False, "2026-11-20 12:05", plan="free")
    user = story("switched off without a word", ("created", "2026-10-20", "2026-11-20", {}))
    teller.renews(user, False, "2026-11-02")
    user = story("silent end", ("created", "2026-10-20", "2026-11-20", {}))
    teller.renews(user, True, "2026-10-20")
    story(
        "keeps the price",
        ("created", "2026-01-10", "2026-04-10", Q | {"purchase_id": "GPA.K"}),
        ("renewed", "2026-04-10", "2026-07-10", Q | {"purchase_id": "GPA.K..0"}),
        ("renewed", "2026-07-10", "2026-10-10", Q | {"purchase_id": "GPA.K..1"}),
        ("renewed", "2026-10-10", "2027-01-10", Q | {"purchase_id": "GPA.K..2"}),
    )
    story("begins a day late", ("created", "2026-06-02", "2026-09-02", Q))
    trial = {"offer_id": "free-trial"}
    story(
        "trial offer on renewals",
        ("created", "2026-10-01", "2026-10-08", trial | {"purchase_id": "GPA.T"}),
        ("renewed", "2026-10-08", "2026-11-08", trial | {"purchase_id": "GPA.T..0"}),
        ("renewed", "2026-11-08", "2026-12-08", trial | {"purchase_id": "GPA.T..1"}),
    )
    told_twice = trial | {"purchase_id": "GPA.W"}
    story(
        "trial told twice",
        ("renewed", "2026-10-01 08:00", "2026-10-08", told_twice),
        ("renewed", "2026-10-01 08:01:30", "2026-10-08", told_twice),
        ("renewed", "2026-10-08", "2026-11-08", {"purchase_id": "GPA.W..0"}),
        ("renewed", "2026-11-08", "2026-12-08", {"purchase_id": "GPA.W..1"}),
    )
    story(
        "never expires",
        ("created", "2026-10-01", "9999-10-01", {"purchase_id": "GPA.N"}),
        ("renewed", "2026-11-01", "2026-12-01", {"purchase_id": "GPA.N..0"}),
    )
    story(
        "late renewal of the old plan",
        ("created", "2026-08-24", "2026-09-24", {"purchase_id": "GPA.A"}),
        ("created", "2026-09-28", "2026-12-28", Q | {"purchase_id": "GPA.B"}),
        ("renewed", "2026-09-29", "2026-10-24", {"purchase_id": "GPA.A..0"}),
    )
    story(
        "cancel of a period recorded later",
        ("created", "2026-07-09", "2026-08-09", {"purchase_id": "GPA.D"}),
        ("canceled", "2026-08-13", "2026-09-09", {"purchase_id": "GPA.D..0"}),
        ("renewed", "2026-08-20", "2026-09-09", {"purchase_id": "GPA.D..0"}),
        ("expired", "2026-09-09 01:00", "2026-09-09", {"purchase_id": "GPA.D..0"}),
    )
    user = story(
        "premium after the end",
        ("created", "2026-03-26", "2026-04-26", {"purchase_id": "GPA.P"}),
        ("expired", "2026-04-26", "2026-04-26", {"purchase_id": "GPA.P"}),
    )
    teller.renews(user, False, "2026-04-26")
    story("dated ahead", ("created", "2026-12-02", "2027-01-02", {}))
    business.pack(teller.user("pack dated ahead"), "2030-11-01", 4000)
    tell_more(teller)
    tell_late(teller)
    story(
        "a month of 27 or 58 days",
        ("created", "2026-01-01", "2026-01-28", {"purchase_id": "GPA.L"}),
        ("renewed", "2026-01-28", "2026-03-27", {"purchase_id": "GPA.L..0"}),
    )


def tell_more(teller: Teller) -> None:
    story, business = teller.story, teller.business
    quarter = APPLE | {"base_plan_id": "quarterly-plan", "product_id": "hypnoelp_subscriptions"}
    story(
        "late renewal without an order number's base",
        ("created", "2026-08-24", "2026-09-24", APPLE | {"purchase_id": "71"}),
        ("created", "2026-09-28", "2026-12-28", quarter | {"purchase_id": "72"}),
        ("renewed", "2026-09-29", "2026-10-24", APPLE | {"purchase_id": "73"}),
    )
    told = ("renewed", "2026-10-01", "2026-11-01", {"purchase_id": "GPA.E..0"})
    story(
        "renewal told again five days later",
        ("created", "2026-09-01", "2026-10-01", {"purchase_id": "GPA.E"}),
        told,
        (told[0], "2026-10-06", *told[2:]),
        ("renewed", "2026-11-01", "2026-12-01", {"purchase_id": "GPA.E..1"}),
    )
    story(
        "end of an earlier period told late",
        ("created", "2026-09-01", "2026-10-01", {"purchase_id": "GPA.F"}),
        ("renewed", "2026-10-01", "2026-11-01", {"purchase_id": "GPA.F..0"}),
        ("expired", "2026-10-02", "2026-10-01", {"purchase_id": "GPA.F"}),
        ("renewed", "2026-11-01", "2026-12-01", {"purchase_id": "GPA.F..1"}),
    )
    for store, values in (("google", {}), ("apple", APPLE)):
        story(f"silent since October at {store}", ("created", "2026-09-20", "2026-10-20", values))
    user = teller.user("one token, then one order")
    business.pack(user, "2026-10-01 10:00", 4000, purchase_id="GPA.T1", purchase_token="one")
    business.pack(user, "2026-10-02 10:00", 4000, purchase_id="GPA.T2", purchase_token="one")
    business.pack(user, "2026-10-03 10:00", 4000, purchase_id=" gpa.t2 ", purchase_token="two")
    business.pack(
        teller.user("uses another's receipt"), "2026-10-04", 4000,
        purchase_id="GPA.T3", purchase_token="two",
    )  # fmt: skip
    user = teller.user("credits that contradict the pack")
    for day, credits in ((1, 8000), (2, 6000), (3, 400_000)):
        business.pack(user, f"2026-10-0{day}", credits, product_id="ai_credits_4000")
    looked_at = {"weekly_limit_credits": 0, "updated_at": at("2026-11-20")}
    user = teller.user("used before the pack, says the bank")
    business.pack(user, "2026-11-01", 4000)
    early = looked_at | {"updated_at": at("2026-10-15")}
    business.add("ai_usage", user_id=user, bank_limit_credits=4000, bank_used_credits=3000, **early)
    user = teller.user("refunded before the first snapshot")
    business.pack(user, "2026-09-01", 4000, status="refunded", updated_at=at("2026-09-10"))
    business.add("ai_usage", user_id=user, bank_limit_credits=0, bank_used_credits=300, **looked_at)


def tell_late(teller: Teller) -> None:
    """Renewals that a silent server told weeks after their months began."""
    story = teller.story
    story(
        "renewal told after grace",
        ("created", "2026-08-10", "2026-09-10", {"purchase_id": "GPA.G"}),
        ("renewed", "2026-10-02", "2026-10-10", {"purchase_id": "GPA.G..0"}),
        ("renewed", "2026-10-10", "2026-11-10", {"purchase_id": "GPA.G..1"}),
        ("expired", "2026-11-10 01:00", "2026-11-10", {"purchase_id": "GPA.G..1"}),
    )
    story(
        "renewal told after the next one",
        ("created", "2026-08-10", "2026-09-10", {"purchase_id": "GPA.J"}),
        ("renewed", "2026-10-10 00:05", "2026-11-10", {"purchase_id": "GPA.J..1"}),
        ("renewed", "2026-10-12", "2026-10-10", {"purchase_id": "GPA.J..0"}),
        ("expired", "2026-11-10 01:00", "2026-11-10", {"purchase_id": "GPA.J..1"}),
    )
    unnumbered = {"purchase_id": None}
    story(
        "renewal of an older purchase told after grace",
        ("created", "2026-07-24", "2026-08-24", unnumbered),
        ("created", "2026-08-28", "2026-11-28", Q | unnumbered),
        ("renewed", "2026-09-20", "2026-09-24", unnumbered),
    )
    story(
        "four months told at once",
        ("created", "2026-05-15", "2026-06-15", {"purchase_id": "GPA.H"}),
        *[
            ("renewed", "2026-10-01", f"2026-{month:02}-15", {"purchase_id": f"GPA.H..{number}"})
            for number, month in ((2, 9), (0, 7), (3, 10), (1, 8))
        ],
        ("expired", "2026-10-15", "2026-10-15", {"purchase_id": "GPA.H..3"}),
    )
