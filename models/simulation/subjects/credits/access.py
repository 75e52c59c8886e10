"""When people were premium, by the store's word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.engine.draws import Bools, Ints
from models.simulation.kinds import Outcome
from models.simulation.parameters import DAY, GRACE_DAYS, NEVER

USER = np.int64(2**35)  # (user, second) as one sortable number


@dataclass(frozen=True)
class Access:
    """When each person of a batch was premium: sorted intervals as user * USER + second."""

    opened: Ints
    closed: Ints

    def holds(self, user: Ints, seconds: Ints) -> Bools:
        """Whether the person was premium at the instant."""
        if not len(self.opened):
            return np.zeros(len(user), dtype=np.bool_)
        at = np.searchsorted(self.opened, user * USER + seconds, side="right") - 1
        return np.asarray((at >= 0) & (user * USER + seconds < self.closed[np.maximum(at, 0)]))


def premium_access(periods: pl.DataFrame) -> Access:
    """Premium from the opening event to the store's word that it is over."""
    user, opened, end = (periods[c].to_numpy() for c in ("who", "created", "end"))
    outcome, expired = periods["outcome"].to_numpy(), periods["expired_at"].to_numpy()
    failed = np.where(expired < NEVER, expired, end + GRACE_DAYS * DAY)
    closed = np.select(
        [outcome == Outcome.RENEW, outcome == Outcome.REPLACED, outcome == Outcome.VOLUNTARY],
        [periods["renewed_at"].to_numpy(), periods["replaced_at"].to_numpy(), end],
        failed,
    )
    return Access(user * USER + opened, user * USER + closed)
