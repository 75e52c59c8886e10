"""Faults that the simulator plants on purpose: each a scenario of a few people, with its truth.

A persona is somebody who by their draws would never buy, pay, refer or leave: whatever happens to
them, today or on a later day, is what the fault's author wrote.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from models.simulation.parameters import DAY

Row = dict[str, Any]
Planting = Callable[..., None]
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

    def add(self, table: str, **values: Any) -> Row:
        """Plan a new row of this person's; columns that are not named are null."""
        row = {"id": self.scenario.new_id(), "user_id": self.user_id} | values
        return self.scenario.add(table, row)

    def tell(self, name: str, **values: Any) -> None:
        """Add what is true of this person to a truth table; columns that are not named are null."""
        told = {"user_id": self.user_id, "is_test": False} | values
        self.scenario.truth[name].append(told)

    def change(self, table: str, **values: Any) -> None:
        """Plan a change of this person's row in a table with one per user."""
        self.scenario.changed[table][self.user_id].update(values)

    def drop(self, table: str) -> None:
        """Plan the absence of this person's row in a table with one per user."""
        self.scenario.dropped[table].append(self.user_id)

    def knows(self, second: int) -> bool:
        """Whether the second has passed on the day that is simulated."""
        return self.scenario.until > second

    def plant(self, table: str, row_id: str | None = None) -> None:
        """Enter a fault of this person's into the ledger; without an id it lies in their own row of
        a table with one per user."""
        own = {"ai_usage": self.usage_id, "subscriptions": self.subscription_id}
        row_id = row_id or own.get(table, self.user_id)
        self.scenario.plant(table, row_id, user_id=self.user_id)

    def spoil(self, table: str, *, day: float = 0, **values: Any) -> None:
        """Change this person's row in a table with one per user, as a fault."""
        self.change(table, updated_at=moment(self.at(day)), **values)
        self.plant(table)


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
    added: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    changed: dict[str, dict[str, Row]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    dropped: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    removed: list[str] = field(default_factory=list)
    truth: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

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
        self.added[table].append(row)
        return row

    def plant(self, table: str, row_id: str | None, *, user_id: str | None) -> None:
        """Enter the fault into the ledger."""
        row = {"kind": self.kind, "table_name": table, "row_id": row_id, "user_id": user_id}
        self.truth["faults"].append(row)


@dataclass(frozen=True)
class Kind:
    """A kind of fault: how it is planted on a persona, and whether an ordinary year shows it.

    `unseen` says why no finding should tell of it: it is hard for the marts and no fault of a row,
    or a fault that no row shows.
    """

    plant: Planting
    is_typical: bool = False
    unseen: str = ""


class Kinds(dict[str, Kind]):
    """A subject's kinds of fault by name; planting.ORDER has the order of all."""

    def enter(
        self, name: str, plant: Planting, *, typical: bool = False, unseen: str = "", **values: Any
    ) -> None:
        """Enter a kind that is planted with certain values."""
        self[name] = Kind(partial(plant, **values), typical, unseen)

    def fault(self, *, typical: bool = False, unseen: str = "") -> Callable[[Planting], None]:
        """Enter a kind under its function's name."""
        return lambda plant: self.enter(plant.__name__, plant, typical=typical, unseen=unseen)


def moment(seconds: int) -> datetime:
    """A naive UTC timestamp."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def usd(units: int) -> Decimal:
    """Dollars from hundredths of a cent."""
    return Decimal(units).scaleb(-4)
