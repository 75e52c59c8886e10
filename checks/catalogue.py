"""Every check that a run makes, known before it: what Dagster declares as asset checks.

Rules of the suites and totals of tables are said here; findings and reconciliations are models of
the dbt project, below models/quality, which its manifest knows: whoever asks brings them. Data
tests of dbt are not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checks.causes import Cause
from checks.result import Severity
from checks.suites import (
    border,
    credits,
    duplicates,
    operations,
    receipts,
    referrals,
    subscriptions,
)
from checks.suites.rule import Suite
from models.tables import TABLES, Table

FINDINGS, RECONCILIATION = "findings", "reconciliation"
SUITES: tuple[Suite, ...] = (
    border.SUITE,
    receipts.SUITE,
    duplicates.SUITE,
    subscriptions.SUITE,
    credits.SUITE,
    referrals.SUITE,
    operations.SUITE,
)


@dataclass(frozen=True)
class KnownCheck:
    """A check by its name; `asset` is the path of the table it is about, raw/<table> or
    marts/<mart>. `cause`: what most likely lies behind what it finds, where it files findings."""

    check_name: str
    suite: str
    area: str
    asset: str
    severity: Severity
    expected: str
    cause: Cause | None = None


def known_checks(models: Iterable[KnownCheck]) -> dict[str, KnownCheck]:
    """All checks by name, in the order in which their results are kept; `models`: those that are
    models of the dbt project."""
    of_project = list(models)
    findings = [check for check in of_project if check.suite == FINDINGS]
    others = [check for check in of_project if check.suite != FINDINGS]
    checks = [*rules_of_suites(), *findings, *_totals(), *others]
    return {check.check_name: check for check in checks}


def rules_of_suites() -> Iterator[KnownCheck]:
    """What a row shows by itself."""
    for suite in SUITES:
        for rule in suite.rules:
            yield KnownCheck(
                check_name=rule.check_name,
                suite=suite.name,
                area=suite.area,
                asset=rule.asset,
                severity=rule.severity,
                expected=rule.expected,
                cause=rule.cause,
            )


def total_name(table: Table) -> str:
    """The check that holds a table's totals against the source's."""
    return f"{table.name}_complete"


def _totals() -> Iterator[KnownCheck]:
    for table in TABLES:
        yield KnownCheck(
            check_name=total_name(table),
            suite=RECONCILIATION,
            area="quality",
            asset=f"raw/{table.name}",
            severity="error",
            expected="rows and sums are those that the source counted in the same snapshot",
        )
