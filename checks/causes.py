"""What most likely lies behind a finding, so that whoever can mend it finds all of its kind."""

from __future__ import annotations

from typing import Literal, get_args

Cause = Literal[
    "store repeats itself",
    "receipt used twice",
    "store or server is late",
    "event is lost",
    "server writes a wrong value",
    "app writes a wrong value",
    "counter starts again",
    "edited by hand",
    "reward logic fails",
    "code is not known",
    "user games the system",
    "price book is incomplete",
    "account is gone",
    "delivery fails",
]
CAUSES: tuple[Cause, ...] = get_args(Cause)
