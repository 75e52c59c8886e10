"""The stage on which faults are planted: people whose story is told by hand, with its truth.

A victim is somebody who by his draws would never buy, pay, refer or leave: whatever happens to
him, today or on a later day, is what the fault's author wrote.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from models.simulation.accounts import user_ids
from models.simulation.billing import STORES, subscription_ids
from models.simulation.credits import weekly_rates
from models.simulation.draws import Bools, short_codes
from models.simulation.holdings import never_buys
from models.simulation.parameters import DAY, K_FACTOR, NEVER
from models.simulation.people import NOBODY
from models.simulation.subscriptions import ever_subscribes
from models.simulation.world import Batch, World

Row = dict[str, Any]
Fault = Callable[["Plot"], None]
KINDS: dict[str, Fault] = {}  # every kind by name, in the order of its module
TYPICAL: list[str] = []  # what an ordinary year of such a business shows
UNSEEN: dict[str, str] = {}  # kinds that no finding can or should tell of, with the reason
STORY_DAYS = 135  # a story, grace included, is over by then


@dataclass(frozen=True)
class Victim:
    """A person of the stage; `day` 0 is two days after sign-up."""

    user_id: str
    subscription_id: str
    usage_id: str
    code: str
    signup: int
    store: str

    def at(self, days: float) -> int:
        """A second of the story."""
        return self.signup + 2 * DAY + round(days * DAY)

    def shops_at(self, store: str) -> Victim:
        """The same person with a phone of the other kind."""
        return replace(self, store=store)


def fault(function: Fault) -> Fault:
    """Enter a kind of fault under its function's name."""
    KINDS[function.__name__] = function
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


def plain_people(world: World, batch: Batch) -> Bools:
    """Who may be a victim: an ordinary user of the first days to whom nothing happens by itself."""
    people, draws = batch.people, world.draws
    chosen = (people.role == 0) & (people.parent == NOBODY) & (people.cohort == NOBODY)
    chosen &= (people.closed == NEVER) & (people.index < world.params.users)
    chosen &= people.signup + STORY_DAYS * DAY < world.params.opened
    chosen &= (weekly_rates(draws, people) == 0) & never_buys(draws, people)
    chosen &= ~ever_subscribes(draws, people)
    return np.asarray(chosen & (draws.poisson("offspring", people.key, K_FACTOR) == 0))


def cast(world: World, batch: Batch) -> list[Victim]:
    """All victims, in drawn order; without enough history there are none."""
    people, draws = batch.people, world.draws
    who = np.flatnonzero(plain_people(world, batch))
    who = who[np.argsort(draws.bits("victim", people.key[who]), kind="stable")]
    ids, subscriptions = user_ids(draws, people.key[who]), subscription_ids(draws, people)
    codes, balances = short_codes("U", people.index[who]), draws.uuids("usage", people.key[who])
    return [
        Victim(
            ids[n], subscriptions[int(at)], balances[n], codes[n],
            int(people.signup[at]), STORES[int(people.store[at])],
        )
        for n, at in enumerate(who)
    ]  # fmt: skip


@dataclass
class Plot:
    """What the faults add, change and remove, what is true of it, and the ledger."""

    seed: int
    opened: int
    until: int
    victims: list[Victim]
    kind: str = ""
    number: int = 0
    counter: int = 0
    added: dict[str, list[Row]] = field(default_factory=dict)
    changed: dict[str, dict[str, Row]] = field(default_factory=dict)
    dropped: dict[str, list[str]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    truth: dict[str, list[Row]] = field(default_factory=dict)
    ledger: list[Row] = field(default_factory=list)

    def victim(self) -> Victim:
        """The next person; raises IndexError when the stage is empty."""
        return self.victims.pop(0)

    def pair(self) -> tuple[Victim, Victim]:
        """Two people, the earlier one first."""
        first, second = self.victim(), self.victim()
        return (first, second) if first.signup <= second.signup else (second, first)

    def digest(self, name: str) -> bytes:
        """Sixteen bytes that only this fault, number and name have."""
        text = f"{self.seed}:{self.kind}:{self.number}:{name}"
        return hashlib.blake2b(text.encode(), digest_size=16).digest()

    def new_id(self) -> str:
        """A new row's id."""
        self.counter += 1
        return str(uuid.UUID(bytes=self.digest(f"id {self.counter}"), version=4))

    def token(self, name: str) -> str:
        """A store's token."""
        return self.digest(f"token {name}").hex()

    def order(self, name: str) -> str:
        """A store's order number, with letters whose case can differ."""
        digits = str(int.from_bytes(self.digest(f"order {name}")) % 10**17).zfill(17)
        return f"GPA.{digits[:4]}-{digits[4:8]}-{digits[8:12]}-{digits[12:]}"

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

    def plant(self, table: str, row_id: str | None, user_id: str | None) -> None:
        """Enter the fault into the ledger."""
        self.ledger.append(
            {"kind": self.kind, "table_name": table, "row_id": row_id, "user_id": user_id}
        )


def with_plot(frames: dict[str, pl.DataFrame], plot: Plot) -> dict[str, pl.DataFrame]:
    """The rows with all that was planned."""
    result = dict(frames)
    for table, changes in plot.changed.items():
        result[table] = with_changes(result[table], changes)
    for table, keys in plot.dropped.items():
        absent = pl.col("id").is_in(pl.Series(keys, dtype=pl.String).implode())
        result[table] = result[table].filter(~absent)
    for table, rows in plot.added.items():
        frame = result[table]
        result[table] = pl.concat([frame, pl.DataFrame(rows, schema=frame.schema, orient="row")])
    return {table: without_users(table, frame, plot.removed) for table, frame in result.items()}


def with_changes(frame: pl.DataFrame, changes: dict[str, Row]) -> pl.DataFrame:
    """Rows changed by id or, where the key is a user's, by user_id."""
    named = pl.Series(list(changes), dtype=pl.String).implode()
    keys = [name for name in ("id", "user_id") if name in frame.columns]
    hit = pl.any_horizontal([pl.col(name).is_in(named) for name in keys])
    rows = []
    for row in frame.filter(hit).to_dicts():
        for name in keys:
            row |= changes.get(row[name], {})
        rows.append(row)
    return pl.concat([frame.filter(~hit), pl.DataFrame(rows, schema=frame.schema)])


def without_users(table: str, frame: pl.DataFrame, users: list[str]) -> pl.DataFrame:
    """Rows of everyone but the removed."""
    key = "id" if table == "auth.users" else "user_id"
    if not users or key not in frame.columns:
        return frame
    gone = pl.col(key).is_in(pl.Series(users, dtype=pl.String).implode()).fill_null(value=False)
    return frame.filter(~gone)
