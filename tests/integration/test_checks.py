"""The checks on a clean business, and on the same with every kind of fault planted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest

import tests.checked_event_faults  # noqa: F401 - registers its faults
import tests.checked_faults_elsewhere  # noqa: F401 - registers its faults
from checks import store
from checks.catalogue import FINDINGS, SUITES, known_checks
from checks.result import CheckResult, DbtResult, has_errors
from pipelines.base.settings import Settings
from pipelines.transform.check_models import check_models
from pipelines.transform.compiled import compiled
from pipelines.transform.testing import run_tests
from tests.checked_faults import PLANTS, Finding
from tests.checked_rows import AS_OF, Rows, check, clean_business, keyed, write_source_totals
from tests.warehouse import build, parsed_project, read, settings_at, write_raw

Checked = tuple[Settings, dict[str, CheckResult], dict[Any, Mapping[str, Any]]]


def checked(folder: Path, rows: Rows, *, tests: bool = False) -> Checked:
    """Build every mart from the rows, with dbt's data tests or without, and run the checks."""
    settings = settings_at(folder)
    write_raw(settings, rows.raw, as_of=AS_OF, history=rows.history())
    write_source_totals(settings)
    build(settings, tests=tests)
    results = check(settings.warehouse)
    found = read(settings, "select * from quality.quality_findings")
    return settings, {result.check_name: result for result in results}, keyed(found)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """The clean business, checked."""
    return checked(tmp_path_factory.mktemp("clean"), clean_business())


PLANTED: dict[str, list[Finding]] = {}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """The business with every fault planted, checked: no data test of severity error may fail."""
    rows = clean_business()
    for place, plant in enumerate(PLANTS):
        PLANTED[plant.__name__] = list(plant(rows, 100_000 + 10 * place))
    return checked(tmp_path_factory.mktemp("faulty"), rows, tests=True)


def test_clean_data_pass_every_check_and_hold_no_finding(clean: Checked) -> None:
    _, results, found = clean
    assert [r for r in results.values() if r.status != "passed"] == []
    assert list(results) == list(known_checks(check_models(parsed_project())))
    assert found == {}


@pytest.mark.parametrize("name", [plant.__name__ for plant in PLANTS])
def test_a_planted_fault_is_found_by_its_key_with_the_money_at_stake(
    name: str, faulty: Checked
) -> None:
    _, results, found = faulty
    for check_name, table, key, money in PLANTED[name]:
        finding = found[check_name, table, key]
        expected = None if money is None else Decimal(money)
        assert finding["money_at_stake_usd"] == expected, finding
        assert results[check_name].status == "failed"
        assert finding["severity"] == results[check_name].severity == "warn"


def test_nothing_is_found_but_what_was_planted(faulty: Checked) -> None:
    _, _, found = faulty
    planted = {finding[:3] for plant in PLANTED.values() for finding in plant}
    assert set(found) - planted == set()


def test_every_kind_of_finding_is_planted_by_some_fault(faulty: Checked) -> None:
    models = check_models(parsed_project())
    kinds = {model.check_name for model in models if model.suite == FINDINGS}
    kinds |= {rule.check_name for suite in SUITES for rule in suite.rules} - {"contract_columns"}
    planted = {finding[0] for plant in PLANTED.values() for finding in plant}
    assert kinds - planted == set()


def test_faults_of_the_source_do_not_block_publication(faulty: Checked) -> None:
    _, results, _ = faulty
    assert not has_errors(results.values())


def test_evidence_counts_and_money_add_up_to_the_findings(faulty: Checked) -> None:
    _, results, found = faulty
    result = results["transaction_date_readable"]
    rows = [f for (name, _, _), f in found.items() if name == result.check_name]
    assert result.failing_rows == len(rows) == 4
    assert result.money_at_stake_usd == Decimal("8.85")  # three packs at 2.95
    assert len(result.evidence) == 4
    assert all(":" in key for key in result.evidence)


def test_the_findings_keep_their_key_and_say_nothing_personal(faulty: Checked) -> None:
    settings, _, _ = faulty
    repeated = read(
        settings,
        "select 1 from quality.quality_findings "
        "group by run_id, check_name, source_table, source_id having count(*) > 1",
    )
    assert repeated == []
    texts = read(settings, "select distinct explanation from quality.quality_findings")
    forbidden = ("hash-", "GPA.", "link-", "yesterday")
    assert not [t for t in texts if any(word in t["explanation"] for word in forbidden)]


def test_the_tables_have_the_columns_and_types_of_the_contract(clean: Checked) -> None:
    settings, _, _ = clean
    for name, columns in (("quality_results", store.RESULTS), ("quality_findings", store.FINDINGS)):
        found = read(
            settings,
            "select column_name, data_type, comment from duckdb_columns() "
            "where schema_name = 'quality' and table_name = ? order by column_index",
            name,
        )
        assert [(c["column_name"], c["data_type"]) for c in found] == [c[:2] for c in columns]
        assert all(c["comment"] for c in found)


def test_a_rerun_replaces_and_another_run_is_added(clean: Checked) -> None:
    settings, _, _ = clean
    check(settings.warehouse)
    check(settings.warehouse, run_id="run-2")
    counts = read(
        settings,
        "select run_id, count(*) as n from quality.quality_results group by all order by 1",
    )
    assert [c["run_id"] for c in counts] == ["run-1", "run-2"]
    assert counts[0]["n"] == counts[1]["n"]


@pytest.fixture
def copy_of_clean(clean: Checked, tmp_path: Path) -> Path:
    """The clean working file, to be spoilt."""
    return copied(clean, tmp_path)


def copied(clean: Checked, folder: Path) -> Path:
    """A copy of the clean working file."""
    settings, _, _ = clean
    copy = folder / "warehouse.duckdb"
    copy.write_bytes(settings.warehouse.read_bytes())
    return copy


def status_of(copy: Path, *names: str) -> dict[str, str]:
    """What these checks say of a working file, without the others, by name."""
    results = check(copy, names=names)
    return {result.check_name: result.status for result in results if result.check_name in names}


SHARES = tuple(f"share_of_{name}_receipts" for name in ("unpriced", "repeated", "unreadable"))
SPOILT = {
    "ai_credit_purchases_complete": "update raw.ai_credit_purchases set amount_paid = 1.95",
    "server_logs_complete": "insert into raw.server_logs by name select uuid() as id",
    "courses_complete": "delete from raw.courses",
    "receipts_conserved": "delete from marts.fct_receipts where verdict = 'not_a_sale'",
    "money_of_receipts": "update marts.fct_receipts set paid_usd = 2.94 where paid_usd = 2.95",
    "lots_of_packs": "update marts.fct_credit_lots set credits = 1 where true",
    "users_conserved": "delete from marts.dim_users where access = 'free'",
    "referrals_conserved": "delete from marts.fct_referrals",
    "marts_of_newest_extraction": "update marts.run_manifest set as_of_at = '2026-10-31'",
    "contract_columns": "alter table raw.server_logs drop column level",
}


@pytest.fixture(scope="module")
def spoilt(clean: Checked, tmp_path_factory: pytest.TempPathFactory) -> dict[str, CheckResult]:
    """What the checks say after every spoiling statement; no two touch the same check."""
    copy = copied(clean, tmp_path_factory.mktemp("spoilt"))
    with duckdb.connect(str(copy)) as con:
        con.execute("drop view quality.border_rows")
        for statement in SPOILT.values():
            con.execute(statement)
    results = check(copy)
    assert has_errors(results)
    return {result.check_name: result for result in results}


@pytest.mark.parametrize("name", SPOILT)
def test_what_would_make_the_numbers_wrong_is_an_error(
    name: str, spoilt: dict[str, CheckResult]
) -> None:
    assert spoilt[name].status == "failed"
    assert spoilt[name].severity == "error"
    assert spoilt[name].failing_rows > 0
    assert 1 <= len(spoilt[name].evidence) <= 20
    assert spoilt[name].failing_keys.count(",") == len(spoilt[name].evidence) - 1


def test_a_lost_row_is_told_with_both_counts(spoilt: dict[str, CheckResult]) -> None:
    lost = spoilt["courses_complete"]
    assert lost.failing_rows == 1
    assert lost.observed_value == "rows: 1 there, 0 here"
    changed = spoilt["ai_credit_purchases_complete"]
    assert changed.observed_value == "sum_amount_paid: 2.95 there, 3.9 here"


def test_a_rule_whose_rows_cannot_be_selected_says_why(spoilt: dict[str, CheckResult]) -> None:
    """Table server_logs lacks the column level, which two views select."""
    broken = {name: one.observed_value for name, one in spoilt.items() if one.status == "broken"}
    assert broken.keys() == {"log_level_known", "readable_values", "required_values"}
    assert all('"level"' in said for said in broken.values())


IDENTITIES = {
    "assert_recognition_bills_the_revenue": "update marts.revenue_recognition_monthly "
    "set billed_usd = billed_usd + 1",
    "assert_users_have_paid_what_was_booked": "update marts.dim_users set proceeds_to_date_usd = 0",
}


def test_marts_that_contradict_each_other_fail_a_data_test(
    clean: Checked, copy_of_clean: Path
) -> None:
    tests = [n for n in parsed_project()["nodes"].values() if n["name"] in IDENTITIES]
    sql = compiled(clean[0], [test["unique_id"] for test in tests])
    with duckdb.connect(str(copy_of_clean)) as con:
        assert {one.status for one in run_tests(con, tests, sql=sql)} == {"pass"}
        for statement in IDENTITIES.values():
            con.execute(statement)
        assert [one.status for one in run_tests(con, tests, sql=sql)] == ["fail", "fail"]


def test_a_check_that_cannot_run_is_broken_and_counts(copy_of_clean: Path) -> None:
    with duckdb.connect(str(copy_of_clean)) as con:
        con.execute("drop table marts.fct_receipts")
        con.execute("drop table meta.source_totals")
    results = check(copy_of_clean)
    status = {result.check_name: result.status for result in results}
    broken = ("receipts_conserved", "duplicate_token", "unpriced_receipt", "courses_complete")
    assert {status[name] for name in broken} == {"broken"}
    assert status["plan_known"] == "passed"
    assert has_errors(results)


def test_views_that_version_0_2_left_go_and_other_peoples_stay(copy_of_clean: Path) -> None:
    views = (
        "select table_name from information_schema.tables where table_schema = 'quality' "
        "and table_name in ('receipts', 'courses', 'of_mine', 'border_receipts') order by 1"
    )
    with duckdb.connect(str(copy_of_clean)) as con:
        for name in ("receipts", "courses", "of_mine"):
            con.execute(f"create view quality.{name} as select 1 as one")
    status_of(copy_of_clean, "contract_columns")
    with duckdb.connect(str(copy_of_clean)) as con:
        assert con.execute(views).fetchall() == [("border_receipts",), ("of_mine",)]


def test_dbt_tests_become_results_and_an_old_snapshot_is_a_warning(copy_of_clean: Path) -> None:
    place = ("It holds.", "quality", "marts/run_manifest")
    told = [
        DbtResult("assert_good", *place, "error", "pass", 0, "", "seen"),
        DbtResult("assert_bad", *place, "error", "fail", 3, "a,b,c", "seen"),
        DbtResult("assert_odd", *place, "warn", "warn", 2, "", "seen"),
        DbtResult("assert_gone", *place, "error", "error", 0, "", ""),
    ]
    late = AS_OF.replace(day=3)
    results = check(copy_of_clean, checked_at=late, dbt_results=told, names=["snapshot_is_fresh"])
    dbt = {
        r.check_name: (r.severity, r.status, r.failing_rows) for r in results if r.suite == "dbt"
    }
    assert dbt == {
        "assert_good": ("error", "passed", 0),
        "assert_bad": ("error", "failed", 3),
        "assert_odd": ("warn", "failed", 2),
        "assert_gone": ("error", "broken", 0),
    }
    fresh = next(r for r in results if r.check_name == "snapshot_is_fresh")
    assert (fresh.severity, fresh.status) == ("warn", "failed")


def receipts(
    con: duckdb.DuckDBPyConnection, columns: str, *, number: int, **values: object
) -> None:
    """So many receipts of packs in place of all; `columns`: what tells receipt i from others."""
    con.execute("delete from intermediate.int_receipts_judged")
    con.execute("delete from marts.fct_receipts")
    con.execute(
        "insert into marts.fct_receipts by name select 'r' || i as receipt_id, "
        "'ai_credit_purchases' as source_table, uuid() as source_id, uuid() as user_id, "
        f"'google_play' as store, {columns} from range({number}) as t (i)",
        values,
    )


def test_too_large_a_share_of_faulty_receipts_is_an_error(copy_of_clean: Path) -> None:
    """Of 500 receipts 100 of a kind are a fifth, which still passes; 101 are too many."""
    statuses = []
    for faulty_receipts in (100, 101):
        with duckdb.connect(str(copy_of_clean)) as con:
            receipts(
                con,
                "case when i < $n then 'unpriced' when i < 2 * $n then 'replayed' "
                "else 'counted' end as verdict",
                number=500,
                n=faulty_receipts,
            )
            con.execute(
                "insert into intermediate.int_receipts_judged by name select source_table, "
                "source_id, user_id, store, if(row_number() over () <= $n, 'unreadable', null) "
                "as time_fault from marts.fct_receipts",
                {"n": faulty_receipts},
            )
        statuses.append(status_of(copy_of_clean, *SHARES))
    names = ("unpriced", "repeated", "unreadable")
    assert statuses[0] == {f"share_of_{name}_receipts": "passed" for name in names}
    assert statuses[1] == {f"share_of_{name}_receipts": "failed" for name in names}


def test_too_large_a_share_of_doubtful_money_is_an_error(copy_of_clean: Path) -> None:
    """Of 500 receipts 10 lack a price: 2 % of the rows, but at 49.95 against 2.95 a quarter of the
    money; 7 of them would be 19.4 %."""
    statuses = []
    for unpriced in (7, 10):
        with duckdb.connect(str(copy_of_clean)) as con:
            receipts(
                con,
                "if(i < $n, 'unpriced', 'counted') as verdict, "
                "if(i < $n, 49.95, 2.95) as list_price_usd, if(i < $n, null, 2.95) as paid_usd",
                number=500,
                n=unpriced,
            )
        statuses += status_of(copy_of_clean, "share_of_unpriced_receipts").values()
    assert statuses == ["passed", "failed"]


def test_an_amount_that_no_price_bears_out_is_doubtful_money(copy_of_clean: Path) -> None:
    """600 packs at 2.95 and one of 18,500 that the book does not know: 91 % of the money."""
    statuses = []
    for amount in (400, 18_500):
        with duckdb.connect(str(copy_of_clean)) as con:
            receipts(
                con,
                "'counted' as verdict, if(i = 0, $amount, 2.95) as paid_usd",
                number=601,
                amount=amount,
            )
            con.execute(
                "insert into intermediate.int_receipts_judged by name select source_table, "
                "source_id, user_id, store, paid_usd, paid_usd as recorded_usd, "
                "'recorded' as price_basis from marts.fct_receipts"
            )
        statuses += status_of(copy_of_clean, "share_of_unreadable_receipts").values()
    assert statuses == ["passed", "failed"]


@pytest.mark.parametrize("verdict", ["test", "future", "not_a_sale"])
def test_what_is_no_sale_of_a_user_stops_nobodys_publication(
    copy_of_clean: Path, verdict: str
) -> None:
    """400 receipts, and 101 unreadable ones of a tester, or dated ahead."""
    with duckdb.connect(str(copy_of_clean)) as con:
        receipts(
            con,
            "if(i < 101, $verdict, 'counted') as verdict, "
            "if(i < 101, 'amount_unreadable', null) as price_fault",
            number=501,
            verdict=verdict,
        )
    shares = status_of(copy_of_clean, *SHARES)
    assert shares.keys() == set(SHARES) and set(shares.values()) == {"passed"}, shares


def test_rates_that_are_about_to_end_are_a_warning(copy_of_clean: Path) -> None:
    """Euros were taken in October; the newest rate is that of 1 December, then of 4 October, which
    serves until 4 November."""
    statuses = []
    with duckdb.connect(str(copy_of_clean)) as con:
        con.execute(
            "insert into raw.ai_credit_purchases by name select * replace (uuid() as id, "
            "'eur' as currency, 2.60 as amount_paid, timestamp '2026-10-20' as created_at) "
            "from raw.ai_credit_purchases limit 1"
        )
    for newest in ("2026-12-01", "2026-10-04"):
        with duckdb.connect(str(copy_of_clean)) as con:
            con.execute("delete from intermediate.int_fx_rates where rate_date > ?", [newest])
            con.execute(
                "insert into intermediate.int_fx_rates by name "
                "select 'EUR' as currency, ?::date as rate_date, 1.16 as usd_per_unit",
                [newest],
            )
        (found,) = check(copy_of_clean, names=["exchange_rates_last"])
        statuses.append((found.severity, found.status))
    assert statuses == [("warn", "passed"), ("warn", "failed")]
    assert "EUR" in str(found.observed_value) and "2026-11-04" in str(found.observed_value)


def test_a_user_keeps_the_uuid_of_the_source(faulty: Checked) -> None:
    _, _, found = faulty
    assert all(isinstance(key, UUID) for _, _, key in found)
