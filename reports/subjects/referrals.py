"""Referrals and partners: K, rewards owed and given, chains, payouts."""

from __future__ import annotations

from datetime import date

from models.counting import counted
from reports.figures import Figure, Words
from reports.published import Published
from reports.queries import Row
from reports.shapes import over_time, ranked, table


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    return [
        k_factor(published.rows("referrals", until=until).oldest_first()),
        balance(published.rows("referrals/balance", until=until).oldest_first()),
        rewards(published.rows("referrals/rewards", until=until)),
        chains(published.rows("referrals/chains", until=until)),
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
        {
            "reward_status": "status",
            "referrals": "referrals",
            "expected_usd": "owed USD",
            "given_usd": "given USD",
        },
    )


def chains(rows: list[Row]) -> Figure:
    """Who brought most, through others too."""
    return ranked(
        Words(
            "chains",
            "Who brought most, through others too",
            "Users by all that came through them, at any depth; by id alone.",
            "referral_chains",
            "users",
        ),
        rows,
        name="root_user_id",
        value="chain_referrals",
    )


def payouts(rows: list[Row]) -> Figure:
    """Partner payouts."""
    return table(
        Words(
            "payouts",
            "Partner payouts",
            "What is owed by month, whether or not it was paid, which is not recorded.",
            "partner_payouts_monthly",
        ),
        rows,
        {
            "month": "month",
            "partner_code": "partner",
            "signups": "sign-ups",
            "premium_signups": "became premium",
            "payout_usd": "payout USD",
            "is_complete": "complete",
        },
    )


def k_factor(rows: list[Row]) -> Figure:
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
    )
