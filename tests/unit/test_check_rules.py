"""Rules, limits and named queries of the checks, without a database of rows."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import duckdb
import pytest

from checks.catalogue import FINDINGS, SUITES, known_checks, rules_of_suites
from checks.causes import CAUSES
from checks.result import CheckResult, Severity, Status, broken, has_errors
from checks.results import relation
from checks.suites.border import expected_columns
from models.tables import TABLES
from models.words import sentence_of
from pipelines.transform.check_models import check_models
from pipelines.transform.data_tests import demanded
from pipelines.transform.marts import published_marts
from tests.warehouse import compiled_sql, parsed_project

NOW = datetime(2026, 11, 1)


def result(severity: Severity, status: Status) -> CheckResult:
    """A result of that severity and status."""
    return CheckResult("a", "s", "area", "marts/a", severity, status, "", "", 0, NOW)


@pytest.mark.parametrize(
    ("severity", "status", "blocks"),
    [
        ("error", "failed", True),
        ("error", "broken", True),
        ("error", "passed", False),
        ("warn", "failed", False),
        ("warn", "broken", False),
    ],
)
def test_only_an_error_that_did_not_pass_blocks(
    severity: Severity, status: Status, blocks: bool
) -> None:
    assert has_errors([result("warn", "passed"), result(severity, status)]) is blocks


def test_a_broken_check_says_the_first_line_of_its_reason() -> None:
    outcome = broken(ValueError("no such column: x\nLINE 1: select x"))
    assert (outcome.status, outcome.observed_value) == ("broken", "no such column: x")
    assert broken(KeyError()).observed_value == "KeyError"


def test_every_check_has_a_name_of_its_own_that_dagster_accepts() -> None:
    models = check_models(parsed_project())
    names = [check.check_name for check in (*rules_of_suites(), *models)]
    assert len(names) == len(set(names)) and len(models) > 40
    assert all(name.isidentifier() for name in names)


def test_every_check_says_its_area_what_it_expects_and_a_table_that_exists() -> None:
    areas = {
        "dimensions",
        "receipts_and_revenue",
        "subscriptions_and_retention",
        "referrals_and_discounts",
        "ai_credits",
        "engagement_and_operations",
        "quality",
    }
    tables = {table.name for table in TABLES}
    marts = {mart.name for mart in published_marts(parsed_project())}
    for check in known_checks(check_models(parsed_project())).values():
        assert check.area in areas, check
        assert check.expected
        folder, _, table = check.asset.partition("/")
        assert table in {"raw": tables, "marts": marts}[folder], check


def test_what_must_hold_is_a_person_s_sentence() -> None:
    """Of every check and data test: no code, no operator, no backtick as it is shown."""
    tests = [n for n in parsed_project()["nodes"].values() if n["resource_type"] == "test"]
    known = known_checks(check_models(parsed_project())).values()
    said = [check.expected for check in known] + [*map(demanded, tests)]
    shown = [sentence_of(text) for text in said]
    odd = [text for text in shown if re.search(r"[_`<>=+*]|\bis (one|none) of:", text)]
    assert len(shown) > 500 and odd == []


def test_the_border_models_are_those_that_the_suites_use() -> None:
    used = {rule.relation for suite in SUITES for rule in suite.rules if "." not in rule.relation}
    models = {n["name"] for n in parsed_project()["nodes"].values() if n["fqn"][2:3] == ["border"]}
    assert used - {"border_rows", "contract_columns"} == models


def test_checks_that_are_models_are_views_and_read_by_their_own_names() -> None:
    """A table would be a copy of what a check asks anew, and another name another's answer."""
    nodes = {node["name"]: node for node in parsed_project()["nodes"].values()}
    for check in check_models(parsed_project()):
        node = nodes[check.check_name]
        assert node["config"]["materialized"] == "view"
        assert relation(check) == f"{node['schema']}.{node['alias']}"


def test_the_border_expects_hashes_for_secrets_and_nothing_personal() -> None:
    columns = {f"{table}.{column}" for table, column, _ in expected_columns()}
    assert "ai_credit_purchases.purchase_token_hash" in columns
    assert "custom_courses.is_delivered" in columns
    assert "ai_credit_purchases.purchase_token" not in columns
    assert "user_profile.email" not in columns


def test_every_check_that_files_findings_has_a_cause() -> None:
    known = known_checks(check_models(parsed_project())).values()
    filing = {c.check_name for c in rules_of_suites() if c.severity == "warn"}
    filing |= {check.check_name for check in known if check.suite == FINDINGS}
    assert {check.check_name for check in known if check.cause} == filing
    assert {check.cause for check in known if check.cause} == set(CAUSES)


def test_every_key_that_blanks_can_double_is_looked_at() -> None:
    """Staging trims text, by which keys of the source may fall together."""
    looked_at = compiled_sql("same_but_for_blanks").partition("stripped as")[0].split("union all")
    for table in TABLES:
        types = {column.name: column.type for column in table.columns}
        for key in (table.key, *table.unique):
            if text := [name for name in key if types[name] == "text"]:
                (part,) = [p for p in looked_at if f'"raw"."{table.name}"' in p]
                assert all(name in part for name in key), (table.name, key, text)


def test_a_source_is_silent_by_its_own_rhythm() -> None:
    """Of 60 days: one table writes daily, one had a gap of four days before, one is a catalog."""
    last = date(2026, 10, 31)
    days = [last - timedelta(days=n) for n in range(60)]
    rows = [("app_logs", day, 0 if (last - day).days < 3 else 5) for day in days]
    quiet = {0, 1, 2, 20, 21, 22}
    rows += [("packs", day, 0 if (last - day).days in quiet else 1) for day in days]
    rows += [("courses", day, 1 if day == days[-1] else 0) for day in days]
    with duckdb.connect() as con:
        con.execute("create schema marts")
        con.execute(
            "create table marts.source_volume_daily "
            "(source_table varchar, date date, rows bigint, is_complete boolean)"
        )
        con.executemany("insert into marts.source_volume_daily values (?, ?, ?, true)", rows)
        found = con.execute(compiled_sql("source_stalled")).fetchall()
    assert found == [("app_logs", date(2026, 10, 28), 3, 1)]
