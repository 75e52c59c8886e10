"""What a suite is made of: rules on one column of a relation, held by Great Expectations."""

from __future__ import annotations

from dataclasses import dataclass

from checks.result import Severity


@dataclass(frozen=True)
class Rule:
    """One expectation, row by row.

    `relation`: a border view (checks/sql/border_*.sql) or schema.table, with the columns
    source_table, source_id and user_id that make a failing row a finding.
    Exactly one of `known`, `unwanted`, `minimum` and `is_null` says what must hold.
    `explanation`: what a finding says; `shows_value` appends the value, where that is a word of
    ours and never a user's text.
    """

    check_name: str
    relation: str
    column: str
    asset: str
    explanation: str
    known: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    minimum: float | None = None
    is_null: bool = False
    shows_value: bool = False
    severity: Severity = "warn"

    @property
    def expected(self) -> str:
        """The rule in words."""
        if self.known:
            return f"{self.column} is one of: {', '.join(self.known)}"
        if self.unwanted:
            return f"{self.column} is none of: {', '.join(self.unwanted)}"
        if self.is_null:
            return f"{self.column} is empty"
        return f"{self.column} is at least {self.minimum:g}"


@dataclass(frozen=True)
class Suite:
    """Rules that protect one area of marts."""

    name: str
    area: str
    rules: tuple[Rule, ...]
