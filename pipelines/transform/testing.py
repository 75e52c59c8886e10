"""dbt's data tests run in DuckDB, all those of a table with one query."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import duckdb

from pipelines.transform.marts import Manifest
from pipelines.transform.nodes import NodeResult, Sql, result_of, severity_of
from pipelines.transform.workers import Work, workers


def run_tests(
    con: duckdb.DuckDBPyConnection, tests: Sequence[Manifest], *, sql: Sql
) -> Iterator[NodeResult]:
    """Count the rows that each data test finds, with one query for all tests of a table."""
    groups = groupby(sorted(tests, key=_tested_table), _tested_table)
    with workers(con) as submit:
        counted = [submit(_counting(list(of_table), sql)) for _, of_table in groups]
        for future in counted:
            yield from future.result()


def _tested_table(test: Manifest) -> str:
    parents = test["depends_on"]["nodes"]
    return str(test.get("attached_node") or (parents[-1] if parents else ""))


def _counting(tests: Sequence[Manifest], sql: Sql) -> Work[list[NodeResult]]:
    def count(con: duckdb.DuckDBPyConnection) -> list[NodeResult]:
        try:
            return _count(con, tests, sql=sql)
        except duckdb.Error as error:
            if len(tests) == 1:
                return [result_of(tests[0], "error", message=error)]
        return [one for test in tests for one in _counting([test], sql)(con)]

    return count


def _count(
    con: duckdb.DuckDBPyConnection, tests: Sequence[Manifest], *, sql: Sql
) -> list[NodeResult]:
    began = time.perf_counter()
    query = "\nunion all\n".join(
        f"select {place} as place, count(*) as failures from (\n{sql[test['unique_id']]}\n)"
        for place, test in enumerate(tests)
    )
    found = dict(con.execute(query).fetchall())
    seconds = (time.perf_counter() - began) / len(tests)
    return [
        _tested(test, found[place], seconds=seconds, sql=sql[test["unique_id"]])
        for place, test in enumerate(tests)
    ]


def _tested(test: Manifest, failures: int, *, seconds: float, sql: str) -> NodeResult:
    if not failures:
        return result_of(test, "pass", seconds=seconds)
    status = "warn" if severity_of(test) == "warn" else "fail"
    message = f"Got {failures} {'row' if failures == 1 else 'rows'}, where none should be."
    found = result_of(test, status, seconds=seconds, message=message, failing_rows=failures)
    return replace(found, failing_sql=sql)
