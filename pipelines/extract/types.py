"""How values of each PostgreSQL type travel without loss, and what is said of those that cannot.

Seen with the postgres extension 1.5.5: numeric without precision arrives as DOUBLE, NaN as 0 and
a timestamp past 294246 as one before Christ, all silently. So the remote query itself decides
what can be kept: the rest becomes null there, and a note in `_unreadable`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.extract.layout import EXACT_NUMBER

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
# DuckDB's last instant lies 30 years before PostgreSQL's.
TIME_FITS = "{c} > '-infinity' and {c} < '294246-12-31'"


@dataclass(frozen=True)
class Reading:
    """How a column is read. `{c}` stands for the quoted column.

    `remote` is PostgreSQL, `local` DuckDB over what arrives. `keeps` is a PostgreSQL condition,
    false for a value that arrives as null, and `exact` one that is false for a value to be noted.
    """

    type: str
    remote: str = "{c}"
    local: str = "{c}"
    keeps: str = ""
    exact: str = ""

    def remote_sql(self, quoted: str) -> str:
        """The expression inside the remote select."""
        return self.remote.replace("{c}", quoted)

    def local_sql(self, quoted: str) -> str:
        """The expression over what arrived."""
        return self.local.replace("{c}", quoted)

    def exact_sql(self, quoted: str) -> str:
        """The condition under which nothing is to be noted; empty when that is always so."""
        return (self.exact or self.keeps).replace("{c}", quoted)


def _guarded(duckdb_type: str, keeps: str, *, local: str = "{c}") -> Reading:
    return Reading(
        duckdb_type, remote=f"case when {keeps} then {{c}} end", local=local, keeps=keeps
    )


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
    "timestamp with time zone": _guarded(
        "TIMESTAMP", TIME_FITS, local="make_timestamp(epoch_us({c}))"
    ),
    "timestamp without time zone": _guarded("TIMESTAMP", TIME_FITS),
    "date": _guarded("DATE", "{c} > '-infinity' and {c} < 'infinity'"),
}
AS_TEXT = Reading("VARCHAR", remote="{c}::text")


def family(contract_type: str) -> str:
    """A contract type without its precision: numeric(12,4) is numeric."""
    return contract_type.split("(")[0]


def is_accepted(contract_type: str, kind: str) -> bool:
    """Whether a live type (`format_type` without modifier) can stand for a contract type."""
    return kind.rsplit(".", 1)[-1] in ACCEPTED[family(contract_type)]


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
        keeps=NUMBER_FITS,
        exact="" if is_narrow else f"{NUMBER_FITS} and {{c}} = round({{c}}, 9)",
    )
