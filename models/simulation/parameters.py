"""What is true of the simulated business: odds, rates and effects.

Times are whole seconds since 1970 in UTC, money is in hundredths of a cent (1.00 USD = 10,000).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from models.simulation.engine.draws import Draws

DAY = 86_400
WEEK = 7 * DAY
NEVER = 2**40  # later than any second of a business
HOUR = 3_600
GRACE_DAYS = 16
# Branching: offspring of each person ~ Poisson(K_FACTOR), sign-up after Exp(REFERRAL_DELAY_DAYS).
K_FACTOR = 0.22
REFERRAL_DELAY_DAYS = 18.0
GENERATIONS = 12
# Churn at the end of a paid period ~ Bernoulli(theta), theta ~ Beta(alpha, beta) for each chain.
HAZARDS = {"monthly-plan": (1.2, 7.0), "quarterly-plan": (1.1, 4.5), "yearly-plan": (1.0, 2.5)}
COUNTRIES = (  # name, weight, share on iOS, currency, factor on conversion
    ("United States", 34, 0.58, "USD", 1.15),
    ("Spain", 14, 0.25, "EUR", 0.95),
    ("Mexico", 10, 0.22, "MXN", 0.80),
    ("United Kingdom", 9, 0.50, "GBP", 1.10),
    ("Germany", 8, 0.35, "EUR", 1.05),
    ("Canada", 6, 0.55, "CAD", 1.05),
    ("Argentina", 5, 0.15, "ARS", 0.70),
    ("France", 5, 0.35, "EUR", 0.95),
    ("Brazil", 4, 0.18, "BRL", 0.75),
    ("Australia", 3, 0.55, "AUD", 1.10),
    ("Israel", 2, 0.30, "ILS", 1.00),
)
LEAD_SOURCES = (  # name, weight, factor on conversion
    ("App Store search", 26, 1.0),
    ("Google", 18, 0.9),
    ("Instagram", 16, 0.8),
    ("TikTok", 12, 0.6),
    ("YouTube", 10, 1.0),
    ("Podcast", 6, 1.4),
    ("Therapist", 4, 1.8),
    ("Other", 8, 0.8),
)
CONVERSION = 0.11
REFERRED_FACTOR = 1.5
PARTNER_FACTOR = 1.3
# A discount multiplies the odds to buy: a subscription and custom audio ever, a pack in its week.
CCF_LIFTS = (1.5, 1.6, 1.8, 2.0, 2.2, 2.5, 3.0)  # from CCF02 to CCF08
DISCOUNT_LIFT = {"SBF02": 1.6, "SBF03": 1.3, "AID50": 1.5, "AID60": 1.8}
DISCOUNT_LIFT |= {f"CCF0{n}": lift for n, lift in enumerate(CCF_LIFTS, start=2)}
SEASON = 0.25  # sign-ups swing by this share around the year, highest in January
GROWTH = 0.6  # and grow by this share from the first day to the last


def seconds_of(day: date) -> int:
    """The first second of a UTC day."""
    return int(datetime.combine(day, time(), UTC).timestamp())


@dataclass(frozen=True)
class Params:
    """The arguments of a business. `opened_until` is the day to which it was first simulated."""

    users: int
    days: int
    seed: int
    opened_until: date
    faults: str = "typical"

    @property
    def draws(self) -> Draws:
        return Draws(self.seed)

    @property
    def start(self) -> int:
        """The first second of the business."""
        return seconds_of(self.opened_until - timedelta(days=self.days))

    @property
    def opened(self) -> int:
        """The first second after what was first simulated."""
        return seconds_of(self.opened_until)
