"""Referrals and partners: K, rewards owed and given, chains, payouts."""

from __future__ import annotations

from datetime import date

from reports.figures import Figure, referral_k
from reports.published import Published
from reports.shapes import Words, over_time, ranked, table


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    return [
        referral_k(published.rows("referrals", until=until)[::-1]),
        over_time(
            Words(
                "balance",
                "Referral credits outstanding",
                "Earned and neither used nor expired, at the end of each month.",
                "referral_credit_balance_monthly",
                "USD",
            ),
            published.rows("referrals/balance", until=until)[::-1],
            at="month",
            series={"outstanding_usd": ("outstanding", "place-3")},
        ),
        table(
            Words(
                "rewards",
                "Rewards owed and given",
                "Missing: owed and not given. Ineligible: given and not owed. Test users left out.",
                "fct_referrals",
            ),
            published.rows("referrals/rewards", until=until),
            {
                "reward_status": "status",
                "referrals": "referrals",
                "expected_usd": "owed USD",
                "given_usd": "given USD",
            },
        ),
        ranked(
            Words(
                "chains",
                "Who brought most, through others too",
                "Users by all that came through them, at any depth; by id alone.",
                "referral_chains",
                "users",
            ),
            published.rows("referrals/chains", until=until),
            name="root_user_id",
            value="chain_referrals",
        ),
        table(
            Words(
                "payouts",
                "Partner payouts",
                "What is owed by month, whether or not it was paid, which is not recorded.",
                "partner_payouts_monthly",
            ),
            published.rows("referrals/payouts", until=until),
            {
                "month": "month",
                "partner_code": "partner",
                "signups": "sign-ups",
                "premium_signups": "became premium",
                "payout_usd": "payout USD",
                "is_complete": "complete",
            },
        ),
    ]
