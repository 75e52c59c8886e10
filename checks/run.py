"""Run every check on the working file and keep what each said.

A check maps to an asset by `CheckResult.asset`, raw/<table> or marts/<mart>.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb

from checks import expectations, findings, reconciliation, store
from checks.catalogue import SUITES, KnownCheck, known_checks
from checks.limits import Limits, set_variables
from checks.queries import Query, load_queries
from checks.result import CheckResult, DbtResult, Outcome, Status, broken, has_errors, listed
from checks.suites import border
from models.counting import counted
from models.errors import BadConfiguration, WarehouseLocked
from models.quoting import literal
from models.tables import TABLES

__all__ = ["DbtResult", "has_errors", "run_checks"]

BORDER = ("sales", "people", "operations")


def run_checks(
    warehouse: Path,
    *,
    run_id: str,
    progress: Callable[[str], None] = lambda _: None,
    dbt_results: Sequence[DbtResult] = (),
    limits: Limits | None = None,
    checked_at: datetime | None = None,
    content_id: str = "",
    names: Collection[str] | None = None,
    told: Callable[[CheckResult], None] = lambda _: None,
) -> list[CheckResult]:
    """Hold the suites, find faults, reconcile; write quality_results and quality_findings.

    One transaction writes; the same run_id again replaces. `checked_at`: naive UTC, by default the
    present. `content_id`: the word of what the working file holds. `names`: these checks alone,
    with what they need. `told`: called with each result as it comes. Raises BadConfiguration
    without a working file, WarehouseLocked if another has it.
    """
    limits = limits or Limits()
    at = checked_at or datetime.now(UTC).replace(tzinfo=None)
    run = _Run(at, content_id, _wanted(names), told)
    if not warehouse.exists():
        raise BadConfiguration(f"{warehouse} does not exist; run `hypnomart run` first.")
    progress("border contracts")
    with _open(warehouse) as con:
        absent = create_border_views(con, limits)
    rules = [rule for suite in SUITES for rule in suite.rules if run.wants(rule.check_name)]
    held = run.held(expectations.hold(warehouse, rules, absent)) if rules else []
    with _open(warehouse) as con:
        set_variables(con, limits)
        con.execute("set variable checked_at = ?", [at])
        findings.prepare(con)
        run.explain(con, held)
        progress("findings")
        run.findings(con)
        progress("reconciliation")
        run.reconciliation(con)
        run.sort()
        run.dbt(dbt_results)
        _write(con, run_id, run.results, names=run.names)
    failed = sum(result.status != "passed" for result in run.results)
    progress(f"{counted(len(run.results), 'check')}, {failed} not passed")
    return run.results


def _wanted(names: Collection[str] | None) -> list[str] | None:
    if names is None:
        return None
    asked = [query for query in reconciliation.reconciliation_queries() if query.name in names]
    return sorted({*names, *(need for query in asked for need in needs(query))})


def needs(query: Query) -> set[str]:
    """The checks that run before a rule, since it counts what they found: those that it names."""
    reads_them = re.search(r"\bfrom found\b", query.sql)
    return {*re.findall(r"'(\w+)'", query.sql)} & known_checks().keys() if reads_them else set()


def border_queries() -> list[Query]:
    """The relations of the suites, one for each kind of row of the source."""
    return [query for file in BORDER for query in load_queries(f"border_{file}")]


def create_border_views(
    con: duckdb.DuckDBPyConnection, limits: Limits
) -> Mapping[str, duckdb.Error]:
    """Create the relations of the suites in schema quality; why one cannot be, by its name."""
    con.execute("create schema if not exists quality")
    views = {query.name: query.sql for query in border_queries()}
    views |= {"border_rows": border.rows_sql(), "contract_columns": border.columns_sql()}
    absent = {}
    for name, sql in views.items():
        con.execute(f"drop view if exists quality.{name}")
        try:
            con.execute(f"create view quality.{name} as {with_limits(sql, limits)}")
        except duckdb.Error as error:
            absent[name] = error
    return absent


def with_limits(sql: str, limits: Limits) -> str:
    """The query with each getvariable('...') replaced by the limit: a view outlives a session."""
    values = asdict(limits)
    return re.sub(r"getvariable\('(\w+)'\)", lambda found: _literal(values[found[1]]), sql)


class _Run:
    """The results of one run as they come in."""

    def __init__(
        self,
        checked_at: datetime,
        content_id: str,
        names: list[str] | None,
        told: Callable[[CheckResult], None],
    ) -> None:
        self.checked_at = checked_at
        self.content_id = content_id
        self.names = names
        self.told = told
        self.results: list[CheckResult] = []

    def wants(self, name: str) -> bool:
        """Whether the check is among those to be run."""
        return self.names is None or name in self.names

    def attempt(self, name: str, check: Callable[[], Outcome]) -> None:
        """Run a check, if it is wanted, and keep what it found."""
        if self.wants(name):
            self.add(known_checks()[name], attempt(check), self.content_id)

    def add(self, check: KnownCheck, outcome: Outcome, content_id: str, keys: str = "") -> None:
        """Join what is known of a check with what it found."""
        result = CheckResult(
            **asdict(check),
            **vars(outcome),
            checked_at=self.checked_at,
            failing_keys=keys or listed(outcome.evidence),
            content_id=content_id,
        )
        self.results.append(result)
        self.told(result)

    def held(self, held: Iterable[expectations.Held]) -> list[expectations.Held]:
        """The rules of the suites as they are held; those whose failing rows must be explained."""
        unexplained = []
        for one in held:
            if one.failing_rows_sql:
                unexplained.append(one)
            else:
                self.add(known_checks()[one.rule.check_name], one.outcome, self.content_id)
        return unexplained

    def explain(self, con: duckdb.DuckDBPyConnection, held: Sequence[expectations.Held]) -> None:
        """The rules of the suites that failed by key: the keys become findings."""
        for one in held:
            self.attempt(one.rule.check_name, partial(_explained, con, one))

    def findings(self, con: duckdb.DuckDBPyConnection) -> None:
        """Faults that show among rows, tables and marts."""
        for query in findings.finding_queries():
            file = partial(findings.file_findings, con, query.name, "warn", query.sql)
            self.attempt(query.name, file)

    def reconciliation(self, con: duckdb.DuckDBPyConnection) -> None:
        """Source against warehouse."""
        for table in TABLES:
            compare = partial(reconciliation.table_agrees, con, table)
            self.attempt(f"{table.name}_complete", compare)
        for query in reconciliation.reconciliation_queries():
            self.attempt(query.name, partial(reconciliation.breaking_rows, con, query))

    def sort(self) -> None:
        """Bring the results into the order of the catalogue; relations were held by name."""
        order = {name: place for place, name in enumerate(known_checks())}
        self.results.sort(key=lambda result: order[result.check_name])

    def dbt(self, results: Sequence[DbtResult]) -> None:
        """Data tests of dbt, as dbt reported them; one that errored or was skipped is broken."""
        statuses: dict[str, Status] = {"pass": "passed", "fail": "failed", "warn": "failed"}
        for test in results:
            known = test.status in statuses
            observed = counted(test.failing_rows, "row") if known else f"dbt says {test.status}"
            check = KnownCheck(
                test.name, "dbt", test.area, test.asset, test.severity, test.expected
            )
            outcome = Outcome(statuses.get(test.status, "broken"), observed, test.failing_rows)
            self.add(check, outcome, test.content_id, test.failing_keys)


def attempt(check: Callable[[], Outcome]) -> Outcome:
    """The outcome of a check; broken if it raises."""
    try:
        return check()
    except (duckdb.Error, LookupError, ValueError) as error:
        return broken(error)


def _explained(con: duckdb.DuckDBPyConnection, held: expectations.Held) -> Outcome:
    """The outcome of a rule with evidence; its failing rows filed as findings."""
    if held.rule.relation == "contract_columns":
        rows = con.execute(held.failing_rows_sql).fetchall()
        evidence = tuple(f"raw.{table}.{column}: {state}" for table, column, state in rows)
        return Outcome("failed", "; ".join(evidence[:3]), len(rows), evidence)
    sql = findings.rows_of_rule(held.rule, held.failing_rows_sql)
    return findings.file_findings(con, held.rule.check_name, held.rule.severity, sql)


def _write(
    con: duckdb.DuckDBPyConnection,
    run_id: str,
    results: Sequence[CheckResult],
    *,
    names: Sequence[str] | None,
) -> None:
    con.execute("begin transaction")
    try:
        store.create_tables(con)
        store.clear(con, run_id, names)
        store.write_results(con, run_id, results)
        findings.write_findings(con, run_id)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise


def _open(warehouse: Path) -> duckdb.DuckDBPyConnection:
    try:
        con = duckdb.connect(str(warehouse))
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        raise WarehouseLocked(
            f"{warehouse} is held by another process; nothing was checked. "
            "Wait for it to end, or close the program that has the file open."
        ) from error
    con.execute("set timezone = 'UTC'")
    return con


def _literal(value: object) -> str:
    return literal(value) if isinstance(value, str) else str(value)
