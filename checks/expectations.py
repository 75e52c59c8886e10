"""Hold the suites with Great Expectations on the working file, in memory, without telemetry.

Failing rows come back by key: GX answers each expectation with the query that selects them, so that
a million of them cost no more than one.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import LazyLoader, find_spec, module_from_spec
from itertools import groupby
from pathlib import Path
from threading import Thread
from typing import Any

from checks.result import Outcome, broken
from checks.suites.rule import Rule
from models.counting import counted

KEYS = ["source_table", "source_id", "user_id"]
# Public options of SQLAlchemy. GX fetches after the connection went back to the pool, and the
# pool's rollback would empty a DuckDB result ("list index out of range").
ENGINE_OPTIONS = {
    "isolation_level": "AUTOCOMMIT",
    "skip_autocommit_rollback": True,
    "pool_reset_on_return": None,
}


@dataclass(frozen=True)
class Held:
    """A rule with its outcome; `failing_rows_sql` selects what broke it, "" where nothing did."""

    rule: Rule
    outcome: Outcome
    failing_rows_sql: str = ""


def hold(
    warehouse: Path, rules: Sequence[Rule], *, absent: Mapping[str, Exception]
) -> Iterator[Held]:
    """The outcome of each rule on the working file, which no other connection may hold open, one
    relation after the other.

    `absent`: why a relation could not be created, by its name; its rules are broken by that.
    """
    waiting = sorted(rules, key=lambda rule: rule.relation)
    try:
        with datasource(warehouse) as (_, source):
            for relation, group in groupby(list(waiting), key=lambda rule: rule.relation):
                asked = list(group)
                if relation in absent:
                    yield from (Held(rule, broken(absent[relation])) for rule in asked)
                else:
                    yield from _hold_relation(source, relation, rules=asked)
                del waiting[: len(asked)]
    except Exception as error:
        yield from (Held(rule, broken(error)) for rule in waiting)


def import_beside() -> None:
    """Import Great Expectations while this process does other work: it takes 3.5 s of one core,
    and DuckDB, which builds the marts before they are checked, needs no interpreter."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    Thread(target=_import, daemon=True).start()


def _import() -> Any:
    """Great Expectations, without waiting for scipy.stats: one of its expectations, which no suite
    of ours holds, names that, and it takes a third of all."""
    if "great_expectations" not in sys.modules and "scipy.stats" not in sys.modules:
        spec: Any = find_spec("scipy.stats")
        spec.loader = LazyLoader(spec.loader)
        stats = sys.modules[spec.name] = module_from_spec(spec)
        spec.loader.exec_module(stats)
        sys.modules["scipy"].__dict__["stats"] = stats  # what is asked of it then loads it
    # which it imports where that is installed, and which tells every check of pandas' age
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"pyspark\.")
    return import_module("great_expectations")


@contextmanager
def datasource(warehouse: Path) -> Iterator[tuple[Any, Any]]:
    """An ephemeral context of GX, and its source on the file; connections end with the block."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # Imported here: it takes seconds, and only a run that checks needs it.
    gx = _import()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    for chatty in ("great_expectations", "great_expectations.data_context.types.base"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    # as a variable's value, since in the text itself GX would put a value in place of any $NAME
    values = {"WORKING_FILE": str(warehouse)}
    context: Any = gx.get_context(mode="ephemeral", runtime_environment=values)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_sql(
        name="working", connection_string="duckdb:///${WORKING_FILE}", kwargs=dict(ENGINE_OPTIONS)
    )
    try:
        yield context, source
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()


def _hold_relation(source: Any, relation: str, *, rules: list[Rule]) -> list[Held]:
    """Validate the rules of one relation together: GX shares its queries among them."""
    import great_expectations as gx

    schema, _, table = relation.rpartition(".")
    try:
        with warnings.catch_warnings():
            # The connection has no schema of its own: the suites read from three.
            warnings.simplefilter("ignore", DeprecationWarning)
            asset = source.add_table_asset(
                name=relation, table_name=table, schema_name=schema or "quality"
            )
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        suite = gx.ExpectationSuite(name=relation)
        for rule in rules:
            suite.add_expectation(expectation(rule))
        validated = batch.validate(suite, result_format=_result_format(relation))
    except Exception as error:
        return [Held(rule, broken(error)) for rule in rules]
    by_name = {result.expectation_config.meta["check"]: result for result in validated.results}
    return [_held(rule, by_name[rule.check_name]) for rule in rules]


def expectation(rule: Rule) -> Any:
    import great_expectations.expectations

    gxe: Any = great_expectations.expectations
    meta = {"check": rule.check_name}
    if rule.known:
        return gxe.ExpectColumnValuesToBeInSet(
            column=rule.column, value_set=list(rule.known), meta=meta
        )
    if rule.unwanted:
        return gxe.ExpectColumnValuesToNotBeInSet(
            column=rule.column, value_set=list(rule.unwanted), meta=meta
        )
    if rule.is_null:
        return gxe.ExpectColumnValuesToBeNull(column=rule.column, meta=meta)
    if rule.is_there:
        return gxe.ExpectColumnValuesToNotBeNull(column=rule.column, meta=meta)
    return gxe.ExpectColumnValuesToBeBetween(
        column=rule.column, min_value=rule.minimum, max_value=rule.maximum, meta=meta
    )


def _result_format(relation: str) -> dict[str, Any]:
    keys = KEYS if relation != "contract_columns" else ["source_table", "column_name"]
    return {
        "result_format": "COMPLETE",
        "unexpected_index_column_names": keys,
        "include_unexpected_rows": False,
    }


def _held(rule: Rule, result: Any) -> Held:
    if raised := _exception(result.exception_info):
        return Held(rule, broken(RuntimeError(raised)))
    failing = int(result.result.get("unexpected_count") or 0)
    of = int(result.result.get("element_count") or 0)
    if result.success and not failing:
        return Held(rule, Outcome("passed", f"0 of {counted(of, 'row')} failing"))
    outcome = Outcome("failed", f"{failing:,} of {counted(of, 'row')} failing", failing)
    return Held(rule, outcome, str(result.result["unexpected_index_query"]).rstrip().rstrip(";"))


def _exception(info: dict[str, Any]) -> str:
    """The message of whatever GX caught, which it keeps flat or by metric."""
    if info.get("raised_exception"):
        return str(info.get("exception_message"))
    nested = [value for value in info.values() if isinstance(value, dict)]
    return next((str(v.get("exception_message")) for v in nested if v.get("raised_exception")), "")
