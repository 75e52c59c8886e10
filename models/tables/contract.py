"""What the contract says of a table and of a column.

`policy` of a column: `keep` is extracted as it is, `secret` only as a keyed hash named
`<column>_hash`, `pii` never. `derived` columns are computed inside the remote query.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.tables.usage import Usage

Policy = Literal["keep", "secret", "pii"]
Command = Literal["select", "insert", "update", "delete"]
Mention = Literal["person", "order", "token", "code"]
# Columns that lead to a person, in whatever table they stand.
MENTIONS: dict[str, Mention] = {
    "user_id": "person",
    "referred_user_id": "person",
    "referrer_user_id": "person",
    "purchase_id": "order",
    "purchase_token": "token",
    "link_token": "token",
    "referral_code": "code",
    "referred_by_code": "code",
}


@dataclass(frozen=True)
class Column:
    """A column as PostgreSQL declares it; `type` in the spelling of the contract (timestamptz).

    `is_summed`: its sum is compared between source and warehouse. `erased`: DuckDB SQL of what it
    says once its row's owner is erased.
    """

    name: str
    type: str
    is_nullable: bool = False
    default: str | None = None
    policy: Policy = "keep"
    is_summed: bool = False
    erased: str = ""

    @property
    def kept_as(self) -> str:
        """Its name in the warehouse."""
        return f"{self.name}_hash" if self.policy == "secret" else self.name

    @property
    def mention(self) -> Mention | None:
        """What it says that leads to a person, if anything."""
        return MENTIONS.get(self.name)


@dataclass(frozen=True)
class Derived:
    """A column computed from personal data inside the remote query; `sql` is PostgreSQL."""

    name: str
    type: str
    sql: str


@dataclass(frozen=True)
class Table:
    """One operational table in schema public. `policies`: commands open to a row's own user;
    `server_set`: columns of an own row that only the server sets; `triggers`: what must fire.

    A row belongs to its user_id; where it has none, to the owner of the row of another table that
    a column names: `owned_through`.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    usage: Usage
    unique: tuple[tuple[str, ...], ...] = ()
    policies: tuple[Command, ...] = ()
    server_set: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    derived: tuple[Derived, ...] = ()
    no_history: str = ""
    owned_through: tuple[str, str] | None = None

    @property
    def has_history(self) -> bool:
        """Whether every version seen is kept; where not, `no_history` says why."""
        return not self.no_history
