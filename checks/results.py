"""The results of one run as they come in: each check is made, told, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial

import duckdb

from checks import findings, reconciliation
from checks.catalogue import FINDINGS, RECONCILIATION, KnownCheck, total_name
from checks.expectations import Held
from checks.result import CheckResult, DbtResult, Outcome, Status, broken, listed
from models.counting import counted
from models.tables import TABLES


class Results:
    """What the checks of one run said; `names`: those alone are to be run."""

    def __init__(
        self,
        known: dict[str, KnownCheck],
        *,
        names: list[str] | None,
        checked_at: datetime,
        content_id: str,
        told: Callable[[CheckResult], None],
    ) -> None:
        self.known = known
        self.names = names
        self.checked_at = checked_at
        self.content_id = content_id
        self.told = told
        self.all: list[CheckResult] = []

    def wants(self, name: str) -> bool:
        """Whether the check is among those to be run."""
        return self.names is None or name in self.names

    def attempt(self, name: str, check: Callable[[], Outcome]) -> None:
        """Run a check, if it is wanted, and keep what it found; broken if it raises."""
        if not self.wants(name):
            return
        try:
            outcome = check()
        except (duckdb.Error, LookupError, ValueError) as error:
            outcome = broken(error)
        self.add(self.known[name], outcome)

    def add(self, check: KnownCheck, outcome: Outcome, *, of_dbt: DbtResult | None = None) -> None:
        """Join what is known of a check with what it found."""
        known = asdict(check)
        del known["cause"]
        result = CheckResult(
            **known,
            **vars(outcome),
            checked_at=self.checked_at,
            failing_keys=of_dbt.failing_keys if of_dbt else listed(outcome.evidence),
            content_id=of_dbt.content_id if of_dbt else self.content_id,
        )
        self.all.append(result)
        self.told(result)

    def held(self, held: Iterable[Held]) -> list[Held]:
        """The rules of the suites as they are held; those whose failing rows must be explained."""
        unexplained = []
        for one in held:
            if one.failing_rows_sql:
                unexplained.append(one)
            else:
                self.add(self.known[one.rule.check_name], one.outcome)
        return unexplained

    def explain(self, con: duckdb.DuckDBPyConnection, held: Sequence[Held]) -> None:
        """The rules of the suites that failed by key: the keys become findings."""
        for one in held:
            check = self.known[one.rule.check_name]
            self.attempt(check.check_name, partial(findings.explained, con, check, held=one))

    def findings(self, con: duckdb.DuckDBPyConnection) -> None:
        """Faults that show among rows, tables and marts: the rows of a model each."""
        for check in self._of(FINDINGS):
            rows = f"from {relation(check)}"
            self.attempt(check.check_name, partial(findings.file_findings, con, check, sql=rows))

    def reconciliation(self, con: duckdb.DuckDBPyConnection) -> None:
        """Source against warehouse: totals of each table, and the rows of a model each."""
        totals = {total_name(table): table for table in TABLES}
        for name, table in totals.items():
            self.attempt(name, partial(reconciliation.table_agrees, con, table))
        for check in self._of(RECONCILIATION):
            if check.check_name not in totals:
                rows = partial(reconciliation.breaking_rows, con, f"from {relation(check)}")
                self.attempt(check.check_name, rows)

    def _of(self, suite: str) -> list[KnownCheck]:
        return [check for check in self.known.values() if check.suite == suite]

    def sort(self) -> None:
        """Bring the results into the order of the catalogue; relations were held by name."""
        order = {name: place for place, name in enumerate(self.known)}
        self.all.sort(key=lambda result: order[result.check_name])

    def dbt(self, results: Sequence[DbtResult]) -> None:
        """Data tests of dbt, as dbt reported them; one that errored or was skipped is broken."""
        statuses: dict[str, Status] = {"pass": "passed", "fail": "failed", "warn": "failed"}
        for test in results:
            known = test.status in statuses
            observed = counted(test.failing_rows, "row") if known else f"dbt says {test.status}"
            check = KnownCheck(
                check_name=test.name,
                suite="dbt",
                area=test.area,
                asset=test.asset,
                severity=test.severity,
                expected=test.expected,
            )
            outcome = Outcome(statuses.get(test.status, "broken"), observed, test.failing_rows)
            self.add(check, outcome, of_dbt=test)


def relation(check: KnownCheck) -> str:
    """The model of a check, which has its name, in the working file."""
    return f"quality.{check.check_name}"
