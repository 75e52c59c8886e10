"""How values of each PostgreSQL type travel without loss, and what is said of those that cannot.

Seen with the postgres extension 1.5.5: numeric without precision arrives as DOUBLE, NaN as 0 and
a timestamp past 294246 as one 290,000 years before Christ, all silently. What cannot be kept
becomes null, and a note in `_unreadable`: numbers and dates in the remote query, moments here,
where a comparison costs least.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

EXACT_NUMBER = "DECIMAL(38,9)"
# Live types that hold everything a contract type holds, or the same in another spelling.
TEXTS = frozenset({"text", "character varying", "character", "citext", "name", "enum"})
ACCEPTED: dict[str, frozenset[str]] = {
    "uuid": frozenset({"uuid"}),
    "text": TEXTS,
    "integer": frozenset({"smallint", "integer", "bigint"}),
    "numeric": frozenset({"numeric"}),
    "boolean": frozenset({"boolean"}),
    "timestamptz": frozenset({"timestamp with time zone"}),
    "json": frozenset({"json", "jsonb"}),
    "jsonb": frozenset({"json", "jsonb"}),
}
# DECIMAL(38,9) has 29 digits before the point; one less, since rounding may add a digit.
NUMBER_FITS = "{c} > -99999999999999999999999999998 and {c} < 99999999999999999999999999998"
# DuckDB's last instant lies 30 years before PostgreSQL's; later ones wrap around, to long before
# the first that PostgreSQL knows.
TIME_FITS = "({c} > '4714-01-01 (BC) 00:00:00' and {c} < 'infinity')"
DATE_FITS = "{c} > '-infinity' and {c} < 'infinity'"


@dataclass(frozen=True)
class Reading:
    """How a column is read. `{c}` stands for the quoted column.

    `remote` is PostgreSQL, `local` DuckDB over what arrives. `exact` is a PostgreSQL condition,
    false for a value to be noted, which arrives as null or rounded.
    `fits` is a DuckDB condition, false for a value that arrives as it cannot be kept.
    """

    type: str
    remote: str = "{c}"
    local: str = "{c}"
    exact: str = ""
    fits: str = ""

    def remote_sql(self, column: str) -> str:
        """The expression inside the remote select."""
        return self.remote.replace("{c}", column)

    def local_sql(self, column: str) -> str:
        """The expression over what arrived."""
        kept = f"case when {self.fits} then {self.local} end" if self.fits else self.local
        return kept.replace("{c}", column)

    def fits_sql(self, column: str) -> str:
        """The condition over what arrived; empty when that is always so."""
        return self.fits.replace("{c}", column)

    def exact_sql(self, column: str) -> str:
        """The condition under which nothing is to be noted; empty when that is always so."""
        return self.exact.replace("{c}", column)


PLAIN = {
    "uuid": "UUID",
    "text": "VARCHAR",
    "character varying": "VARCHAR",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    "json": "VARCHAR",
    "jsonb": "VARCHAR",
    "bytea": "BLOB",
}
TIMES = {
    # epoch_us keeps the instant whatever the session's time zone, and costs nothing
    "timestamp with time zone": Reading(
        "TIMESTAMP", local="make_timestamp(epoch_us({c}))", fits=TIME_FITS
    ),
    "timestamp without time zone": Reading("TIMESTAMP", fits=TIME_FITS),
    "date": Reading("DATE", remote=f"case when {DATE_FITS} then {{c}} end", exact=DATE_FITS),
}
AS_TEXT = Reading("VARCHAR", remote="{c}::text")


def family(contract_type: str) -> str:
    """A contract type without its precision: numeric(12,4) is numeric."""
    return contract_type.split("(")[0]


def is_accepted(contract_type: str, kind: str) -> bool:
    """Whether a live type (`format_type` without modifier) can stand for a contract type."""
    return kind.rsplit(".", 1)[-1] in ACCEPTED[family(contract_type)]


def duckdb_type(contract_type: str) -> str:
    """The type in which a contract column is kept; any numeric as DECIMAL(38,9)."""
    kind = {"timestamptz": "timestamp with time zone"}.get(contract_type, family(contract_type))
    return reading(kind, contract_type).type


def reading(kind: str, declared: str) -> Reading:
    """How a live type is read; a type unknown here travels as its text, which loses nothing."""
    if kind in TIMES:
        return TIMES[kind]
    if kind == "numeric":
        return _number(declared)
    if kind in PLAIN:
        return Reading(PLAIN[kind])
    return AS_TEXT


def _number(declared: str) -> Reading:
    """DECIMAL(38,9): NaN, infinities and what has over 28 digits are null, more decimals noted."""
    modifier = re.search(r"\((\d+),(-?\d+)\)", declared)
    is_narrow = modifier is not None and 0 <= int(modifier[2]) <= 9
    return Reading(
        EXACT_NUMBER,
        remote=f"(case when {NUMBER_FITS} then {{c}} end)::numeric(38,9)",
        exact=NUMBER_FITS if is_narrow else f"{NUMBER_FITS} and {{c}} = round({{c}}, 9)",
    )
