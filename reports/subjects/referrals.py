"""Referrals and partners: K, rewards owed and given, chains, payouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from models.counting import counted
from reports import charts
from reports.charts.forest import short
from reports.figures import Event, Figure, Words
from reports.published import Published
from reports.queries import Row, query_behind
from reports.shapes import over_time, ranked, table, tabled


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    return [
        k_factor(published.rows("referrals", until=until).oldest_first()),
        balance(published.rows("referrals/balance", until=until).oldest_first()),
        rewards(published.rows("referrals/rewards", until=until)),
        chains(published.rows("referrals/chains", until=until)),
        largest_chains(published.rows("referrals/tree", until=until)),
        rings(published.rows("referrals/rings", until=until)),
        payouts(published.rows("referrals/payouts", until=until)),
    ]


def balance(rows: list[Row]) -> Figure:
    """Referral credits outstanding."""
    return over_time(
        Words(
            "balance",
            "Referral credits outstanding",
            "Earned and neither used nor expired, at the end of each month.",
            "referral_credit_balance_monthly",
            "USD",
        ),
        rows,
        at="month",
        series={"outstanding_usd": ("outstanding", "place-3")},
    )


def rewards(rows: list[Row]) -> Figure:
    """Rewards owed and given."""
    return table(
        Words(
            "rewards",
            "Rewards owed and given",
            "Missing: owed and not given. Ineligible: given and not owed. Test users left out.",
            "fct_referrals",
        ),
        rows,
        columns={
            "reward_status": "status",
            "referrals": "referrals",
            "expected_usd": "owed USD",
            "given_usd": "given USD",
        },
    )


def chains(rows: list[Row]) -> Figure:
    """Who brought most, through others too."""
    named = ranked(
        Words(
            "chains",
            "Who brought most, through others too",
            "Users by all that came through them, at any depth; by the beginning of their id.",
            "referral_chains",
            "users",
        ),
        [row | {"root_user_id": short(str(row["root_user_id"]))} for row in rows],
        name="root_user_id",
        value="chain_referrals",
        is_wide=True,
    )
    full = {"root_user_id": "user", "chain_referrals": "users"}
    return replace(named, query=query_behind(rows), table=tabled(rows, full))


def largest_chains(rows: list[Row]) -> Figure:
    """The largest chains, drawn from their roots."""
    words = Words(
        "chain-graph",
        "The largest chains",
        "From each root on the left to those whom it brought, and on; filled: became premium. "
        "Users by the beginning of their id.",
        "fct_referrals",
    )
    links = [
        charts.Link(
            str(row["referrer_user_id"]), str(row["referred_user_id"]), row["became_premium"]
        )
        for row in rows
    ]
    svg = charts.forest(links, title=words.title, description=words.text)
    columns = {
        "root_user_id": "root",
        "referrer_user_id": "referrer",
        "referred_user_id": "referred",
        "depth": "steps from the root",
        "became_premium": "premium",
    }
    return Figure(words, svg, query_behind(rows), table=tabled(rows, columns), is_wide=True)


def rings(rows: list[Row]) -> Figure:
    """Users who referred each other in a circle, and those below them."""
    return table(
        Words(
            "rings",
            "Rings of referrals",
            "Users who were referred, directly or through others, by those whom they referred. "
            "They earn no reward.",
            "referral_rings",
            empty="None found.",
        ),
        rows,
        columns={
            "ring_id": "ring",
            "user_id": "user",
            "is_on_ring": "on the ring, not below it",
            "is_test": "test user",
        },
    )


def payouts(rows: list[Row]) -> Figure:
    """Partner payouts."""
    return table(
        Words(
            "payouts",
            "Partner payouts",
            "What is owed by month, whether or not it was paid, which is not recorded. "
            "partner_payouts.csv beside this page holds those of the last complete month for the "
            "bank, and `hypnomart report payouts --period` those of any other. There a code that a "
            "spreadsheet would take for a formula begins with an apostrophe.",
            "partner_payouts_monthly",
        ),
        rows,
        columns={
            "month": "month",
            "partner_code": "partner",
            "signups": "sign-ups",
            "premium_signups": "became premium",
            "payout_usd": "payout USD",
            "is_complete": "complete",
        },
    )


def k_factor(rows: list[Row], events: Sequence[Event] = ()) -> Figure:
    """Users that each new user brought within the window that the mart names."""
    span = counted(rows[-1]["referral_window_days"], "day") if rows else "the window"
    return over_time(
        Words(
            "referral-k",
            "New users that each user brings",
            f"Sign-ups within {span} of their referrer's own, per user of the month. "
            "Hollow: not over.",
            "referral_performance_monthly",
            "users per user",
        ),
        rows,
        at="signup_month",
        series={"k_factor": (f"k within {span}", "k")},
        also={
            "users": "users",
            "referred_conversion_rate": "referred premium",
            "organic_conversion_rate": "organic premium",
        },
        as_lines=True,
        events=events,
    )
