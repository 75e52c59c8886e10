"""What a suite is made of: rules on one column of a relation, held by Great Expectations."""

from __future__ import annotations

from dataclasses import dataclass

from checks.causes import Cause
from checks.result import Severity


@dataclass(frozen=True)
class Rule:
    """One expectation, row by row.

    `relation`: a model of dbt_project/models/quality/border, or schema.table, with the columns
    source_table, source_id and user_id that make a failing row a finding.
    What must hold: a `known` value, or none `unwanted`, one of `minimum` or `maximum` at the least
    or most, one that `is_there`, or none at all where `is_null`. Exactly one of these is said.
    `expected`: that in a sentence. `explanation`: what a finding says; `shows_value` appends the
    value, where that is a word of ours and never a user's text. `cause`: what most likely lies
    behind such a row.
    """

    check_name: str
    relation: str
    column: str
    asset: str
    explanation: str
    expected: str
    known: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    is_there: bool = False
    is_null: bool = False
    shows_value: bool = False
    severity: Severity = "warn"
    cause: Cause | None = None


def rule_against(
    value: str,
    explanation: str,
    *,
    relation: str,
    column: str,
    asset: str,
    expected: str,
    cause: Cause,
) -> Rule:
    """A rule that bears the name of the one value that the column must not hold."""
    return Rule(
        check_name=value,
        relation=relation,
        column=column,
        asset=asset,
        explanation=explanation,
        expected=expected,
        unwanted=(value,),
        cause=cause,
    )


@dataclass(frozen=True)
class Suite:
    """Rules that protect one area of marts."""

    name: str
    area: str
    rules: tuple[Rule, ...]
