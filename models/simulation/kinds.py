"""What arrays hold as whole numbers: each kind's name in the source or the marts is its own.

`texts(Store)` are those names, in the order of the numbers.
"""

from __future__ import annotations

from enum import IntEnum

# Where somebody pays.
Store = IntEnum("Store", "GOOGLE_PLAY APP_STORE", start=0)
# Where a course came from.
Source = IntEnum("Source", "GOOGLE_PLAY APP_STORE PREMIUM_SLOT ADMIN", start=0)
# What a login is.
Role = IntEnum("Role", "USER TESTER ADMIN", start=0)
# A place in prices.PLANS.
Plan = IntEnum("Plan", "MONTHLY QUARTERLY YEARLY", start=0)
# A place in prices.OFFERS.
Offer = IntEnum("Offer", "NONE TRIAL HALF_PRICE THIRD_OFF", start=0)
# What a subscriber does as a period ends.
Outcome = IntEnum("Outcome", "RENEW VOLUNTARY INVOLUNTARY REPLACED", start=0)
# What is known of a period's end.
Ending = IntEnum("Ending", "RENEWED EXPIRED LAPSED OPEN REPLACED", start=0)
# What a store's notice says.
Event = IntEnum("Event", "CREATED RENEWED CANCELED EXPIRED", start=0)
# What a change of MRR is.
Movement = IntEnum("Movement", "NEW REACTIVATION EXPANSION CONTRACTION CHURN", start=0)
# What bears a session of AI use.
Charged = IntEnum("Charged", "NOT_HELD WEEKLY BANK", start=0)
# What a receipt is.
Verdict = IntEnum("Verdict", "COUNTED TEST NOT_A_SALE", start=0)
# What a receipt is valued by.
Basis = IntEnum("Basis", "PRICE_BOOK RECORDED NONE", start=0)
# What became of a discount.
Assignment = IntEnum("Assignment", "USED LAPSED OPEN", start=0)


def texts(kinds: type[IntEnum]) -> tuple[str, ...]:
    """The names of a kind's numbers, in their order."""
    return tuple(kind.name.lower() for kind in kinds)
