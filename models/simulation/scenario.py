"""Faults that the simulator plants on purpose: each a scenario of a few people, with its truth.

A persona is somebody who by their draws would never buy, pay, refer or leave: whatever happens to
them, today or on a later day, is what the fault's author wrote.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from models.simulation.parameters import DAY

Row = dict[str, Any]
Fault = Callable[["Persona"], None]
REGISTERED: dict[str, Fault] = {}  # every kind by name; planting.KINDS has their order
TYPICAL: list[str] = []  # what an ordinary year of such a business shows
UNSEEN: dict[str, str] = {}  # kinds that no finding can or should tell of, with the reason
SCENARIO_DAYS = 135  # a scenario, grace included, is over by then


@dataclass(frozen=True)
class Persona:
    """A person of a scenario; its day 0 is two days after sign-up."""

    user_id: str
    subscription_id: str
    usage_id: str
    code: str
    signup: int
    store: str
    scenario: Scenario = field(repr=False)

    def at(self, days: float) -> int:
        """A second of the scenario."""
        return self.signup + 2 * DAY + round(days * DAY)

    def shops_at(self, store: str) -> Persona:
        """The same person with a phone of the other kind."""
        return replace(self, store=store)

    def pair(self) -> tuple[Persona, Persona]:
        """This one and another, the earlier one first."""
        other = self.scenario.persona()
        return (self, other) if self.signup <= other.signup else (other, self)

    def order(self, name: str) -> str:
        """A store's order number, with letters whose case can differ."""
        digits = str(int.from_bytes(self.scenario.digest(f"order {name}")) % 10**17).zfill(17)
        return f"GPA.{digits[:4]}-{digits[4:8]}-{digits[8:12]}-{digits[12:]}"

    def token(self, name: str) -> str:
        """A store's token."""
        return self.scenario.digest(f"token {name}").hex()

    def change(self, table: str, **values: Any) -> None:
        """Plan a change of this person's row in a table with one per user."""
        self.scenario.change(table, self.user_id, **values)

    def plant(self, table: str, row_id: str) -> None:
        """Enter a fault of this person's into the ledger."""
        self.scenario.plant(table, row_id, user_id=self.user_id)


@dataclass
class Scenario:
    """What the faults add, change and remove, what is true of it, and the ledger."""

    seed: int
    opened: int
    until: int
    personas: list[Persona] = field(default_factory=list)
    kind: str = ""
    number: int = 0
    counter: int = 0
    added: dict[str, list[Row]] = field(default_factory=dict)
    changed: dict[str, dict[str, Row]] = field(default_factory=dict)
    dropped: dict[str, list[str]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    truth: dict[str, list[Row]] = field(default_factory=dict)
    ledger: list[Row] = field(default_factory=list)

    def persona(self) -> Persona:
        """The next person; raises IndexError where nobody is left."""
        return self.personas.pop(0)

    def digest(self, name: str) -> bytes:
        """Sixteen bytes that only this fault, number and name have."""
        text = f"{self.seed}:{self.kind}:{self.number}:{name}"
        return hashlib.blake2b(text.encode(), digest_size=16).digest()

    def new_id(self) -> str:
        """A new row's id."""
        self.counter += 1
        return str(uuid.UUID(bytes=self.digest(f"id {self.counter}"), version=4))

    def add(self, table: str, row: Row) -> Row:
        """Plan a new row."""
        self.added.setdefault(table, []).append(row)
        return row

    def change(self, table: str, key: str, **values: Any) -> None:
        """Plan a change of a row by its key, or of a user's row in a table with one per user."""
        self.changed.setdefault(table, {}).setdefault(key, {}).update(values)

    def drop(self, table: str, key: str) -> None:
        """Plan the absence of a row."""
        self.dropped.setdefault(table, []).append(key)

    def tell(self, name: str, **values: Any) -> None:
        """Add to a truth table."""
        self.truth.setdefault(name, []).append(values)

    def plant(self, table: str, row_id: str | None, *, user_id: str | None) -> None:
        """Enter the fault into the ledger."""
        self.ledger.append(
            {"kind": self.kind, "table_name": table, "row_id": row_id, "user_id": user_id}
        )


def fault(function: Fault) -> Fault:
    """Enter a kind of fault under its function's name."""
    REGISTERED[function.__name__] = function
    return function


def typical_fault(function: Fault) -> Fault:
    """Enter a kind that is planted at the level typical too."""
    TYPICAL.append(function.__name__)
    return fault(function)


def unseen(reason: str) -> Callable[[Fault], Fault]:
    """Enter a kind of which no finding should tell: it is hard for the marts and no fault of a row,
    or a fault that no row shows."""

    def enter(function: Fault) -> Fault:
        UNSEEN[function.__name__] = reason
        return function

    return enter


def moment(seconds: int) -> datetime:
    """A naive UTC timestamp."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def usd(units: int) -> Decimal:
    """Dollars from hundredths of a cent."""
    return Decimal(units).scaleb(-4)
