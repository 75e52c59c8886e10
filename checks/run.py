"""Run every check on the working file and keep what each said.

A check maps to an asset by `CheckResult.asset`, raw/<table> or marts/<mart>.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from checks import expectations, findings, store
from checks.catalogue import SUITES, KnownCheck, known_checks
from checks.result import CheckResult, DbtResult, has_errors
from checks.results import Results
from checks.suites import border
from models.counting import counted
from models.errors import BadConfiguration, WarehouseLocked
from models.quoting import quoted

__all__ = ["DbtResult", "has_errors", "run_checks"]


def run_checks(
    warehouse: Path,
    *,
    run_id: str,
    models: Iterable[KnownCheck],
    progress: Callable[[str], None] = lambda _: None,
    dbt_results: Sequence[DbtResult] = (),
    checked_at: datetime | None = None,
    content_id: str = "",
    names: Collection[str] | None = None,
    told: Callable[[CheckResult], None] = lambda _: None,
) -> list[CheckResult]:
    """Hold the suites, find faults, reconcile; write quality_results and quality_findings.

    One transaction writes; the same run_id again replaces. `models`: the checks that are models of
    the dbt project. `checked_at`: naive UTC, by default the present. `content_id`: the word of
    what the working file holds. `names`: these checks alone. `told`: called with each result as it
    comes. Raises BadConfiguration without a working file, WarehouseLocked if another has it.
    """
    at = checked_at or datetime.now(UTC).replace(tzinfo=None)
    run = Results(
        known_checks(models),
        names=None if names is None else sorted(names),
        checked_at=at,
        content_id=content_id,
        told=told,
    )
    if not warehouse.exists():
        raise BadConfiguration(f"{warehouse} does not exist; run `hypnomart run` first.")
    progress("border contracts")
    rules = [rule for suite in SUITES for rule in suite.rules if run.wants(rule.check_name)]
    with _open(warehouse) as con:
        drop_earlier_views(con)
        absent = create_border_views(con)
        absent = {**unreadable(con, {rule.relation for rule in rules}), **absent}
    held = run.held(expectations.hold(warehouse, rules, absent=absent)) if rules else []
    with _open(warehouse) as con:
        con.execute("set variable checked_at = ?", [at])
        findings.prepare(con)
        run.explain(con, held)
        progress("findings")
        run.findings(con)
        progress("reconciliation")
        run.reconciliation(con)
        run.sort()
        run.dbt(dbt_results)
        _write(con, run_id, results=run.all, names=run.names)
    failed = sum(result.status != "passed" for result in run.all)
    progress(f"{counted(len(run.all), 'check')}, {failed} not passed")
    return run.all


def create_border_views(con: duckdb.DuckDBPyConnection) -> Mapping[str, duckdb.Error]:
    """Create the relations of the suites that the contract of the tables makes, in schema quality;
    why one cannot be, by its name."""
    con.execute("create schema if not exists quality")
    views = {"border_rows": border.rows_sql(), "contract_columns": border.columns_sql()}
    absent = {}
    for name, sql in views.items():
        con.execute(f"drop view if exists quality.{name}")
        try:
            con.execute(f"create view quality.{name} as {sql}")
        except duckdb.Error as error:
            absent[name] = error
    return absent


def drop_earlier_views(con: duckdb.DuckDBPyConnection) -> None:
    """Version 0.2 left a view `receipts` where the model border_receipts stands now: who finds it
    would read other limits."""
    models = {rule.relation for suite in SUITES for rule in suite.rules}
    found = con.execute(
        "select view_name from duckdb_views() where schema_name = 'quality' "
        "and list_contains(?, 'border_' || view_name)",
        [sorted(models)],
    )
    for (name,) in found.fetchall():
        con.execute(f"drop view quality.{quoted(name)}")


def unreadable(
    con: duckdb.DuckDBPyConnection, relations: Iterable[str]
) -> Mapping[str, duckdb.Error]:
    """Why a relation of the suites cannot be read, by its name: Great Expectations would only say
    that it is not there."""
    absent = {}
    for name in relations:
        try:
            con.execute(f"describe {name if '.' in name else f'quality.{name}'}")
        except duckdb.Error as error:
            absent[name] = error
    return absent


def _write(
    con: duckdb.DuckDBPyConnection,
    run_id: str,
    *,
    results: Sequence[CheckResult],
    names: Sequence[str] | None,
) -> None:
    con.execute("begin transaction")
    try:
        store.create_tables(con)
        store.clear(con, run_id, names=names)
        store.write_results(con, run_id, results=results)
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
