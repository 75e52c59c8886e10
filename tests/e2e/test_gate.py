"""Nothing is published that was not built, tested and checked as it stands: every way round."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from checks import code
from models.errors import ChecksFailed
from pipelines.base.settings import Settings
from pipelines.publication import gate
from pipelines.publication.publish import published_run
from pipelines.run import steps
from pipelines.run.steps import publishing
from pipelines.transform import ledger, manifest
from tests.conftest import new_database
from tests.e2e.pipeline import Business, Pipeline, quiet
from tests.later_version import as_of_later_version
from tests.warehouse import settings_at


@pytest.fixture(scope="module")
def approved(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str, str]]:
    """A home whose run was published, its run id and its source: one subscriber and one pack."""
    folder = tmp_path_factory.mktemp("approved")
    with new_database(postgres_url, template=template_database) as url:
        business = Business(url)
        user_id = business.user("2026-01-10")
        business.event(user_id, "created", "2026-01-10")
        business.pack(user_id, "2026-03-15", 4000)
        yield folder, Pipeline(folder, url).run(), url


@pytest.fixture
def home(approved: tuple[Path, str, str], tmp_path: Path) -> tuple[Settings, str]:
    """A copy of that home, and the run that it holds."""
    folder, run_id, url = approved
    shutil.copytree(folder / "home", tmp_path / "home")
    return settings_at(tmp_path, source_url=url), run_id


def execute(settings: Settings, *statements: str) -> None:
    with duckdb.connect(str(settings.warehouse)) as con:
        for statement in statements:
            con.execute(statement)


def edit_view(settings: Settings) -> None:
    """Take all rows from a staging view, by hand."""
    with duckdb.connect(str(settings.warehouse)) as con:
        asked = "select sql from duckdb_views() where view_name = 'stg_user_profile'"
        query = con.execute(asked).fetchall()[0][0].partition(" AS ")[2].rstrip().rstrip(";")
        con.execute(
            f"create or replace view staging.stg_user_profile as select * from ({query}) limit 0"
        )


def refusal(settings: Settings, run_id: str) -> str:
    """What the gate says; the publication must stand as it was, and the exit code be 1."""
    before = settings.published.read_bytes()
    with pytest.raises(ChecksFailed) as refused:
        steps.publish_step(settings, run_id)
    assert settings.published.read_bytes() == before
    assert refused.value.exit_code == 1
    assert "previous publication stands" in str(refused.value)
    return str(refused.value)


def test_what_was_built_tested_and_checked_is_published_again(home: tuple[Settings, str]) -> None:
    settings, run_id = home
    assert gate.missing(settings) == []
    steps.publish_step(settings, run_id)
    assert published_run(settings.published) == run_id


def test_a_copy_of_a_home_does_not_replace_what_was_published_since(
    home: tuple[Settings, str], tmp_path: Path
) -> None:
    """What another home, or the one that this is a copy of, published of a later snapshot."""
    settings, run_id = home
    shared = settings.published.parent
    copy = Pipeline(tmp_path, str(settings.source_url), published_dir=shared)
    shutil.copytree(settings.home, tmp_path / "other" / "home")
    other = Pipeline(tmp_path / "other", str(settings.source_url), published_dir=shared)
    newest = other.run()
    assert f"of run {newest}, which it never made" in refusal(copy.settings, run_id)
    steps.publish_step(other.settings, newest)
    run_id = copy.run()
    assert published_run(copy.settings.published) == run_id


def test_what_was_approved_is_published_whatever_the_project_becomes(
    home: tuple[Settings, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its marts and metrics were read once more after the approval."""
    settings, run_id = home

    def approved_and_edited(settings: Settings, run_id: str) -> gate.Approval:
        approval = gate.approve(settings, run_id)
        monkeypatch.setattr(manifest, "state_of_project", lambda _: pytest.fail("read again"))
        return approval

    monkeypatch.setattr(publishing, "approve", approved_and_edited)
    steps.publish_step(settings, run_id)
    states = iter(["before", "after"])
    monkeypatch.undo()
    monkeypatch.setattr(gate, "state_of_project", lambda _: next(states))
    assert "the project's files changed meanwhile" in refusal(settings, run_id)


def test_a_publication_of_a_later_version_is_not_replaced(home: tuple[Settings, str]) -> None:
    settings, run_id = home
    as_of_later_version(settings.published)
    assert "was written by a later version of DuckDB" in refusal(settings, run_id)


def test_a_partial_build_of_the_same_content_takes_no_approval(
    home: tuple[Settings, str], capsys: pytest.CaptureFixture[str]
) -> None:
    settings, run_id = home
    steps.build_step(settings, run_id, progress=quiet, select=["dim_dates"])
    assert capsys.readouterr().out == ""  # what dbt listed is nobody's
    assert gate.missing(settings) == []
    steps.publish_step(settings, run_id)


def test_a_partial_build_after_a_failed_test_hides_nothing(home: tuple[Settings, str]) -> None:
    settings, run_id = home
    execute(settings, "update meta.tested set status = 'fail', failing_rows = 2 "
            "where unique_id like '%unique_dim_users_user_id%'")  # fmt: skip
    steps.build_step(settings, run_id, progress=quiet, select=["dim_dates"])
    results = steps.check_step(settings, run_id, progress=quiet)
    assert {"unique_dim_users_user_id"} == {
        r.check_name for r in results if r.severity == "error" and r.status != "passed"
    }
    assert "test unique_dim_users_user_id: fail, 2 rows" in refusal(settings, run_id)


def test_a_test_that_was_left_out_or_whose_result_was_deleted_is_missed(
    home: tuple[Settings, str],
) -> None:
    settings, run_id = home
    execute(settings, "delete from meta.tested where unique_id like '%unique_dim_users_user_id%'")
    assert "test unique_dim_users_user_id has no result" in refusal(settings, run_id)


def test_a_check_without_a_result_is_missed(home: tuple[Settings, str]) -> None:
    settings, run_id = home
    execute(settings, "delete from quality.quality_results where check_name = 'users_conserved'")
    assert "check users_conserved has no result" in refusal(settings, run_id)


def test_a_check_that_broke_or_failed_refuses(home: tuple[Settings, str]) -> None:
    settings, run_id = home
    execute(settings, "update quality.quality_results set status = 'broken' "
            "where check_name = 'users_conserved'")  # fmt: skip
    assert "check users_conserved: broken" in refusal(settings, run_id)


def test_an_edited_mart_is_not_what_was_checked(home: tuple[Settings, str]) -> None:
    settings, run_id = home
    execute(settings, "update marts.fct_revenue set gross_usd = gross_usd + 1")
    assert "fct_revenue does not hold what was built and checked" in refusal(settings, run_id)


def test_a_mart_with_a_row_less_or_twice_is_not_what_was_checked(
    home: tuple[Settings, str],
) -> None:
    settings, run_id = home
    execute(settings, "insert into marts.dim_dates select * from marts.dim_dates limit 1")
    assert "dim_dates does not hold what was built" in refusal(settings, run_id)


def test_a_test_that_is_asked_again_of_an_edited_table_convinces_nobody(
    home: tuple[Settings, str],
) -> None:
    """Its failing rows are taken from an intermediate table, by hand; the marts keep them."""
    settings, run_id = home
    execute(settings, "update meta.tested set status = 'fail', failing_rows = 2 "
            "where unique_id like '%unique_int_receipts_judged_receipt_id%'",
            "delete from intermediate.int_receipts_judged")  # fmt: skip
    steps.build_step(
        settings, run_id, progress=quiet, select=["unique_int_receipts_judged_receipt_id"]
    )
    assert "int_receipts_judged was never built, or written to since" in refusal(settings, run_id)


def test_a_mart_built_from_an_edited_table_is_not_published(home: tuple[Settings, str]) -> None:
    settings, run_id = home
    execute(settings, "delete from intermediate.int_receipts_judged")
    steps.build_step(settings, run_id, progress=quiet, select=["fct_receipts"])
    edited = "int_receipts_judged was never built, or written to since it was"
    assert edited in gate.missing(settings)
    refusal(settings, run_id)


def test_checks_of_an_edited_mart_convince_nobody(home: tuple[Settings, str]) -> None:
    """They pass on what was edited, and the mart is built again as it was approved."""
    settings, run_id = home
    execute(settings, "delete from marts.fct_receipts")
    steps.check_step(settings, run_id, progress=quiet)
    assert "fct_receipts was never built, or written to since it was" in gate.missing(settings)
    steps.build_step(settings, run_id, progress=quiet, select=["fct_receipts"])
    assert "check users_conserved saw other content" in gate.missing(settings)
    refusal(settings, run_id)
    steps.check_step(settings, run_id, progress=quiet)
    steps.publish_step(settings, run_id)


def test_a_mart_built_from_an_edited_view_is_not_published(home: tuple[Settings, str]) -> None:
    settings, run_id = home
    edit_view(settings)
    steps.build_step(settings, run_id, progress=quiet, select=["sync_freshness"])
    steps.check_step(settings, run_id, progress=quiet)
    edited = "stg_user_profile was never built, or written to since it was"
    assert edited in refusal(settings, run_id)


def test_a_view_that_is_edited_before_the_checks_is_not_what_was_built(
    home: tuple[Settings, str],
) -> None:
    settings, run_id = home
    edit_view(settings)
    steps.check_step(settings, run_id, progress=quiet)
    edited = "stg_user_profile was never built, or written to since it was"
    assert edited in refusal(settings, run_id)


def test_a_macro_does_not_take_the_place_of_a_function_of_duckdb(
    home: tuple[Settings, str],
) -> None:
    """Roles would all read `tester`, and every table hold the same."""
    settings, run_id = home
    execute(settings, "create macro main.lower(x) as 'tester'",
            "create macro intermediate.lower(x) as table select 1")  # fmt: skip
    steps.build_step(settings, run_id, progress=quiet, select=["+dim_users"])
    assert gate.missing(settings) == []
    # one that hides the others from who asks for macros
    execute(settings, "create macro main.hash(x) as 1::ubigint",
            "create macro main.current_database() as 'elsewhere'",
            "create macro main.duckdb_functions() as table select 1 as one")  # fmt: skip
    steps.check_step(settings, run_id, progress=quiet)
    assert gate.missing(settings) == []
    steps.publish_step(settings, run_id)


def test_a_check_of_other_code_is_asked_again(
    home: tuple[Settings, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, run_id = home
    for package in ("checks", "models"):
        shutil.copytree(code.PROJECT / package, tmp_path / package)
    assert code.code_id(tmp_path) == code.CODE_ID
    edited = tmp_path / "checks" / "reconciliation.py"
    edited.write_text(edited.read_text(encoding="utf-8") + "\nONE = 1\n", encoding="utf-8")
    monkeypatch.setattr(ledger, "CODE_ID", code.code_id(tmp_path))
    assert "check users_conserved saw other content" in gate.missing(settings)
    refusal(settings, run_id)


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("insert into quality.quality_findings (run_id) values ('other')", "quality_findings"),
        ("update quality.quality_results set observed_value = '0 rows' where severity = 'warn'",
         "quality_results"),
        ("drop table quality.quality_findings", "quality_findings"),
    ],
    ids=["a finding added", "a warning edited", "dropped"],
)  # fmt: skip
def test_what_checks_left_goes_out_as_they_left_it(
    home: tuple[Settings, str], statement: str, table: str
) -> None:
    """One check that is asked again joins what stands, and approves nothing else of it."""
    settings, run_id = home
    steps.check_step(settings, run_id, progress=quiet, names=["users_conserved"])
    assert gate.missing(settings) == []
    execute(settings, statement)
    told = f"{table} does not hold what a check of all this content left"
    assert told in refusal(settings, run_id)
    steps.check_step(settings, run_id, progress=quiet, names=["users_conserved"])
    assert told in refusal(settings, run_id)


def test_models_above_what_was_built_anew_are_outdated(home: tuple[Settings, str]) -> None:
    """The tax rate changes every receipt: marts built with another rate may not stand beside."""
    settings, run_id = home
    other = replace(settings, dbt_vars={"tax_rate": 0.19})
    assert "was built by other code, seeds or variables" in refusal(other, run_id)
    steps.build_step(other, run_id, progress=quiet, select=["+fct_receipts"])
    assert "fct_revenue was built by other code" in " ".join(gate.missing(other))
    refusal(other, run_id)
    refusal(settings, run_id)


def test_two_runs_interleaved_publish_nothing_of_each_other(home: tuple[Settings, str]) -> None:
    """A second run extracts and builds a part between the first one's check and publication."""
    settings, run_id = home
    business = Business(settings.source_url or "")
    business.user("2026-02-01")
    steps.extract_step(settings, "run-2", full_refresh=False, progress=quiet)
    assert "the working file holds run run-2" in refusal(settings, run_id)
    assert "was built from other content" in refusal(settings, "run-2")
    steps.build_step(settings, "run-2", progress=quiet, select=["+dim_users"])
    assert "was built from other content" in refusal(settings, "run-2")
    steps.build_step(settings, "run-2", progress=quiet)
    assert "saw other content" in refusal(settings, "run-2")
    steps.check_step(settings, "run-2", progress=quiet)
    steps.publish_step(settings, "run-2")
    assert published_run(settings.published) == "run-2"


def test_a_manifest_that_gained_a_test_wants_its_result(
    home: tuple[Settings, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, run_id = home
    manifest = dict(gate.read_manifest(settings))
    nodes = dict(manifest["nodes"])
    known = next(id for id in nodes if "unique_dim_users_user_id" in id)
    nodes["test.hypnomart.another"] = {**nodes[known], "name": "another"}
    changed = {**manifest, "nodes": nodes}
    monkeypatch.setattr(gate, "read_manifest", lambda _: changed)
    assert "test another has no result" in refusal(settings, run_id)
    nodes[known] = {**nodes[known], "raw_code": "select 1 as other"}
    del nodes["test.hypnomart.another"]
    assert "test unique_dim_users_user_id saw other content" in refusal(settings, run_id)
    mart = "model.hypnomart.dim_users"
    nodes[mart] = {**nodes[mart], "raw_code": "select 1 as other"}
    assert "dim_users was built by other code" in " ".join(gate.missing(settings))


@pytest.mark.parametrize(
    "name", ["receipts_conserved", "unique_dim_users_user_id"], ids=["check", "data test"]
)
def test_what_became_a_warning_after_it_failed_takes_the_approval_with_it(
    home: tuple[Settings, str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """An edit of YAML, made after the checks: what they said goes out with the words of before."""
    settings, run_id = home
    execute(
        settings,
        f"update quality.quality_results set status = 'failed' where check_name = '{name}'",
        f"update meta.tested set status = 'fail' where unique_id like '%{name}%'",
    )
    assert f"{name}: fail" in refusal(settings, run_id)
    manifest = dict(gate.read_manifest(settings))
    node = next(n for n in manifest["nodes"].values() if n["name"] == name)
    meta = {**node["config"]["meta"], "severity": "warn"}
    milder = {**node, "config": {**node["config"], "severity": "warn", "meta": meta}}
    nodes = {**manifest["nodes"], node["unique_id"]: milder}
    monkeypatch.setattr(gate, "read_manifest", lambda _: {**manifest, "nodes": nodes})
    assert "check users_conserved saw other content" in gate.missing(settings)
    refusal(settings, run_id)
