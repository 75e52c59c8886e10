"""quality.quality_results and quality.quality_findings in the working file.

Results of all runs are kept; findings only of the newest run, since each run finds again whatever
still stands, and rows about a person must go when the person goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from checks.result import CheckResult
from models.inserting import insert_rows

RESULTS = (
    ("run_id", "VARCHAR", "The run that checked."),
    ("check_name", "VARCHAR", "Name of the check, unique within a run."),
    ("suite", "VARCHAR", "The set of rules it belongs to; dbt for data tests of dbt."),
    ("area", "VARCHAR", "The folder of marts whose numbers it protects."),
    ("severity", "VARCHAR", "error blocks publication, warn does not."),
    ("status", "VARCHAR", "passed, failed, or broken where the check itself could not run."),
    ("observed_value", "VARCHAR", "What was found, in words."),
    ("expected", "VARCHAR", "What should have been found, in words."),
    ("failing_rows", "BIGINT", "Rows that break the rule; 0 where it passed or could not run."),
    ("failing_keys", "VARCHAR", "Up to 20 keys of these rows, commas between; of the newest run."),
    ("content_id", "VARCHAR", "Word of the content that the check saw: other rows, other word."),
    ("checked_at", "TIMESTAMP", "Instant of the check, UTC, one for all checks of a run."),
    ("asset", "VARCHAR", "The table it is about: raw/<table> or marts/<mart>."),
    ("money_at_stake_usd", "DECIMAL(18,4)", "What the failing rows say was paid, US dollars."),
)
FINDINGS = (
    ("run_id", "VARCHAR", "The run that found it: the newest; earlier findings are not kept."),
    ("check_name", "VARCHAR", "The check that found it; see quality_results."),
    ("severity", "VARCHAR", "Severity of that check."),
    ("source_table", "VARCHAR", "The operational table that holds the faulty row."),
    ("source_id", "UUID", "Key of the row there (user_id in user_profile)."),
    ("user_id", "UUID", "The user whom the row concerns, if any; test users included."),
    ("cause", "VARCHAR", "What most likely lies behind it, in a word that all of its kind share."),
    (
        "is_test",
        "BOOLEAN",
        "Whether the user is a test user; such a finding has no money at stake.",
    ),
    ("explanation", "VARCHAR", "What is wrong with the row and what the marts make of it."),
    (
        "money_at_stake_usd",
        "DECIMAL(18,4)",
        "US dollars in doubt; those of a row stand in one finding only; null: unknown.",
    ),
)


@dataclass(frozen=True)
class KeptTable:
    """A table of schema quality: its columns (name, type, comment), its key, what a row is."""

    name: str
    comment: str
    row: str
    key: tuple[str, ...]
    columns: tuple[tuple[str, str, str], ...]


TABLES = (
    KeptTable(
        "quality_results",
        "One row per (run_id, check_name): what each check of each run said.",
        "run, check",
        ("run_id", "check_name"),
        RESULTS,
    ),
    KeptTable(
        "quality_findings",
        "One row per (run_id, check_name, source_table, source_id): each fault of the source that "
        "the newest run found.",
        "fault of the source",
        ("run_id", "check_name", "source_table", "source_id"),
        FINDINGS,
    ),
)


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create both tables with their comments, where they are missing."""
    con.execute("create schema if not exists quality")
    for table in TABLES:
        name = f"quality.{table.name}"
        body = ", ".join(f"{column} {kind}" for column, kind, _ in table.columns)
        con.execute(f"create table if not exists {name} ({body})")
        for column, kind, text in table.columns:
            con.execute(f"alter table {name} add column if not exists {column} {kind}")
            con.execute(f"comment on column {name}.{column} is '{text}'")
        con.execute(f"comment on table {name} is '{table.comment}'")


def clear(
    con: duckdb.DuckDBPyConnection, run_id: str, *, names: Sequence[str] | None = None
) -> None:
    """Remove an earlier attempt of the run, and every earlier run's findings and keys, which name
    rows of persons; or of the named checks alone."""
    those = "true" if names is None else "list_contains($names, check_name)"
    given = {} if names is None else {"names": list(names)}
    con.execute(
        f"delete from quality.quality_results where run_id = $run_id and {those}",
        {"run_id": run_id, **given},
    )
    con.execute(f"delete from quality.quality_findings where {those}", given)
    con.execute(
        "update quality.quality_results set failing_keys = '' "
        f"where failing_keys <> '' and {those}",
        given,
    )


def write_results(
    con: duckdb.DuckDBPyConnection, run_id: str, *, results: Sequence[CheckResult]
) -> None:
    """Add one row for each result."""
    names = [name for name, _, _ in RESULTS]
    rows = [[run_id, *(getattr(result, name) for name in names[1:])] for result in results]
    columns = ", ".join(names)
    insert_rows(con, f"quality.quality_results ({columns})", rows=rows)
