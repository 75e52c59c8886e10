"""Every check that a run makes, known before it: what Dagster declares as asset checks.

Data tests of dbt are not here; dbt's own manifest knows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from checks.findings import finding_queries
from checks.reconciliation import reconciliation_queries
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
from models.tables import TABLES

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
    marts/<mart>."""

    check_name: str
    suite: str
    area: str
    asset: str
    severity: Severity
    expected: str


@cache
def known_checks() -> dict[str, KnownCheck]:
    """All checks by name, in the order in which their results are kept."""
    checks = [*_rules(), *_findings(), *_reconciliations()]
    return {check.check_name: check for check in checks}


def _rules() -> list[KnownCheck]:
    return [
        KnownCheck(
            rule.check_name, suite.name, suite.area, rule.asset, rule.severity, rule.expected
        )
        for suite in SUITES
        for rule in suite.rules
    ]


def _findings() -> list[KnownCheck]:
    return [
        KnownCheck(query.name, "findings", query["area"], query["asset"], "warn", query["expects"])
        for query in finding_queries()
    ]


def _reconciliations() -> list[KnownCheck]:
    suite = "reconciliation"
    totals = "rows and sums are those that the source counted in the same snapshot"
    checks = [
        KnownCheck(f"{t.name}_complete", suite, "quality", f"raw/{t.name}", "error", totals)
        for t in TABLES
    ]
    for query in reconciliation_queries():
        severity: Severity = "error" if query["severity"] == "error" else "warn"
        checks.append(
            KnownCheck(query.name, suite, query["area"], query["asset"], severity, query["expects"])
        )
    return checks
