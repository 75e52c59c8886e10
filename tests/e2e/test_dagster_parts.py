"""Parts of the graph as Dagster's interface launches them: a check, a mart, a report alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import dagster as dg
import pytest
from dagster._core.workspace.load import location_origins_from_yaml_paths
from dagster._core.workspace.load_target import get_origins_from_toml

from models.errors import BadConfiguration, ChecksFailed
from pipelines import definitions
from pipelines.base.run_record import last_run
from pipelines.base.settings import PROJECT, Settings
from pipelines.definitions import build_definitions
from pipelines.orchestration.defs.retries import AT_TERMINAL
from pipelines.orchestration.ended_runs import end_dead_runs, forget_dead_runs, writes
from pipelines.orchestration.instance import dagster_home
from pipelines.orchestration.job import LOCATION, run_job
from pipelines.orchestration.serve import WORKSPACE
from pipelines.publication.publish import published_run
from pipelines.run.demo import fill, refuse_empty
from pipelines.run.doctor import examine
from pipelines.transform import dbt, manifest, parsed
from pipelines.transform.dbt import DBT_PROJECT, code_of, environment, manifest_file
from pipelines.transform.parsed import kept_folder
from tests.conftest import new_database
from tests.e2e.pipeline import Business
from tests.unit.test_lock import holder
from tests.warehouse import read, settings_at

Launched = tuple[dg.ExecuteInProcessResult, set[str]]


@pytest.fixture(scope="module")
def home(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, str]]:
    """A published home, and the run that published."""
    with new_database(postgres_url, template=template_database) as url:
        business = Business(url)
        user_id = business.user("2026-01-10")
        business.event(user_id, "created", "2026-01-10")
        settings = settings_at(tmp_path_factory.mktemp("parts"), source_url=url)
        with environment({"DAGSTER_HOME": str(dagster_home(settings))}):
            run_id = run_job(settings, full_refresh=False, with_reports=False)
            assert not settings.reports_dir.exists()
            yield settings, run_id


def launch(
    settings: Settings,
    assets: tuple[str, ...],
    checks: set[dg.AssetCheckKey],
    tags: Mapping[str, str] = MappingProxyType({}),
    definitions: dg.Definitions | None = None,
) -> Launched:
    """What Dagster does when its interface asks for assets and checks: the result, and the names
    of the checks that were told."""
    whole = (definitions or build_definitions(settings)).resolve_implicit_global_asset_job_def()
    job = whole.get_subset(
        asset_selection={dg.AssetKey(name.split("/")) for name in assets},
        asset_check_selection=checks,
    )
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(instance=instance, tags=tags, raise_on_error=False)
    told = {evaluation.check_name for evaluation in result.get_asset_check_evaluations()}
    return result, told


def made(result: dg.ExecuteInProcessResult) -> set[str]:
    events = result.get_asset_materialization_events()
    return {"/".join(event.asset_key.path) for event in events if event.asset_key}


def checks_of(settings: Settings, asset: str) -> set[dg.AssetCheckKey]:
    graph = build_definitions(settings).resolve_asset_graph()
    return {key for key in graph.asset_check_keys if key.asset_key.path == asset.split("/")}


def test_one_check_of_ours_runs_alone(home: tuple[Settings, str]) -> None:
    settings, run_id = home
    query = "select check_name, checked_at from quality.quality_results where run_id = ?"
    before = {row["check_name"]: row["checked_at"] for row in read(settings, query, run_id)}
    key = dg.AssetCheckKey(dg.AssetKey(["marts", "dim_users"]), "users_conserved")
    result, told = launch(settings, (), {key})
    assert result.success
    assert (made(result), told) == (set(), {"users_conserved"})
    after = {row["check_name"]: row["checked_at"] for row in read(settings, query, run_id)}
    assert {name for name in after if after[name] != before.get(name)} == {"users_conserved"}


def test_the_quality_tables_alone_tell_no_check_that_nobody_asked_for(
    home: tuple[Settings, str],
) -> None:
    tables = ("quality/quality_results", "quality/quality_findings")
    result, told = launch(home[0], tables, set())
    assert result.success
    assert (made(result), told) == (set(tables), set())
    asked = checks_of(home[0], "raw/courses")
    result, told = launch(home[0], tables, asked)
    assert result.success
    assert told == {key.name for key in asked}


def test_one_data_test_runs_alone(home: tuple[Settings, str]) -> None:
    settings, _ = home
    key = next(k for k in checks_of(settings, "marts/dim_users") if k.name.startswith("unique"))
    result, told = launch(settings, (), {key})
    assert result.success
    assert (made(result), told) == (set(), {key.name})


def test_one_mart_is_built_with_all_its_checks(home: tuple[Settings, str]) -> None:
    settings, _ = home
    checks = checks_of(settings, "marts/dim_users")
    assert {"users_conserved"} < {key.name for key in checks}
    result, told = launch(settings, ("marts/dim_users",), checks)
    assert result.success
    assert made(result) == {"marts/dim_users"}
    assert told == {key.name for key in checks}


def test_one_mart_is_built_with_some_of_its_checks(home: tuple[Settings, str]) -> None:
    settings, _ = home
    checks = set(sorted(checks_of(settings, "marts/dim_users"), key=str)[:2])
    result, told = launch(settings, ("marts/dim_users",), checks)
    assert result.success
    assert told == {key.name for key in checks}


def test_the_publication_and_a_report_alone_work_on_what_was_approved(
    home: tuple[Settings, str],
) -> None:
    settings, run_id = home
    settings.published.unlink()
    result, _ = launch(settings, ("publication/hypnomart",), set())
    assert result.success
    assert published_run(settings.published) == run_id
    result, _ = launch(settings, ("reports/overview",), set())
    assert result.success
    assert list(settings.reports_dir.glob("*/*.html"))


def test_the_tools_documents_stand_beside_the_reports_and_touch_no_build(
    home: tuple[Settings, str],
) -> None:
    settings, _ = home
    before = manifest_file(settings).read_bytes()
    result, _ = launch(settings, ("documentation/dbt", "documentation/great_expectations"), set())
    assert result.success
    assert manifest_file(settings).read_bytes() == before
    index = (settings.reports_dir / "index.html").read_text("utf-8")
    for name in ("dbt.html", "great_expectations/index.html"):
        assert (settings.reports_dir / "documentation" / name).stat().st_size > 10_000
        assert f'href="documentation/{name}"' in index
    assert not (settings.reports_dir / ".documentation").exists()
    result, _ = launch(settings, ("reports/quality",), set())
    (written,) = result.asset_materializations_for_node("reports")
    assert {"open", "dbt_docs", "data_docs"} <= written.metadata.keys()


def test_what_writes_is_refused_while_another_run_holds_the_lock(
    home: tuple[Settings, str],
) -> None:
    settings, _ = home
    process = holder(settings.home)
    try:
        # somebody waits for it at a terminal; another run would wait for the lock
        tags = {AT_TERMINAL: "true"}
        result, _ = launch(settings, ("marts/dim_dates",), set(), tags)
        with dg.DagsterInstance.get() as instance:
            events = instance.all_logs(result.run_id)
        assert not result.success
        assert f"process {process.pid}" in " ".join(str(entry) for entry in events)
        command = [str(Path(sys.executable).with_name("hypnomart")), "run"]
        refused = subprocess.run(
            command,
            env={**os.environ, "HYPNOMART_HOME": str(settings.home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert refused.returncode == 4, refused.stderr
        assert f"process {process.pid}" in refused.stderr
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("left_as", ["STARTING", "STARTED", "CANCELING"])
def test_a_run_whose_process_died_does_not_hold_the_queue(
    home: tuple[Settings, str], left_as: str
) -> None:
    settings, _ = home
    job = build_definitions(settings).resolve_job_def("report")
    with dg.DagsterInstance.get() as instance:
        dead = instance.create_run_for_job(job, status=dg.DagsterRunStatus(left_as))
        forget_dead_runs(settings)
        ended = instance.get_run_by_id(dead.run_id)
        assert ended is not None
        assert ended.status is dg.DagsterRunStatus.FAILURE


def test_a_run_of_the_command_line_ends_no_report_that_is_being_written(
    home: tuple[Settings, str],
) -> None:
    settings, _ = home
    definitions = build_definitions(settings)
    with dg.DagsterInstance.get() as instance:
        runs = {
            name: instance.create_run_for_job(
                definitions.resolve_job_def(name), status=dg.DagsterRunStatus.STARTED
            )
            for name in ("report", "refresh")
        }
        end_dead_runs(instance, writes)
        found = {name: instance.get_run_by_id(run.run_id) for name, run in runs.items()}
        ended = {name for name, run in found.items() if run and run.is_failure}
        forget_dead_runs(settings)
    assert ended == {"refresh"}


def test_a_test_planted_meanwhile_is_told_and_one_that_fails_is_a_failed_run_by_name(
    home: tuple[Settings, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _ = home
    project = tmp_path / "dbt_project"
    shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target"))
    planted = project / "tests" / "assert_planted.sql"
    before_it = build_definitions(settings)
    planted.write_text("select * from {{ ref('int_clock') }}", encoding="utf-8")
    sql = kept_folder(settings) / f"compiled-{code_of(settings)}.json"
    for module in (dbt, parsed, manifest):
        monkeypatch.setattr(module, "DBT_PROJECT", project)
    # another test changes no SQL of the others
    shutil.copy(sql, kept_folder(settings) / f"compiled-{code_of(settings)}.json")
    result, _ = launch(settings, ("marts/dim_dates",), set(), definitions=before_it)
    assert not result.success
    assert "assert_planted came or went" in str(result.failure_data_for_node("dbt"))
    before = settings.published.read_bytes()
    with pytest.raises(ChecksFailed, match="test assert_planted: fail, 1 row"):
        run_job(settings, full_refresh=False, with_reports=False)
    assert settings.published.read_bytes() == before


def test_a_run_whose_publication_is_gone_in_the_end_is_no_success(
    home: tuple[Settings, str], tmp_path: Path
) -> None:
    """While the reports are written, somebody puts the earlier publication back."""
    settings, _ = home
    earlier, file = published_run(settings.published), settings.published.stat().st_ino
    kept = settings.published.with_name("kept")
    shutil.copy(settings.published, kept)
    is_over = threading.Event()

    def put_back() -> None:
        while not is_over.wait(0.05):
            is_published = settings.published.stat().st_ino != file
            if is_published and "report" in (last_run(settings) or {"steps": ()})["steps"]:
                break
        kept.replace(settings.published)

    thread = threading.Thread(target=put_back)
    thread.start()
    try:
        with pytest.raises(ChecksFailed, match="published nothing; skipped: nothing"):
            run_job(replace(settings, reports_dir=tmp_path), full_refresh=False, with_reports=True)
    finally:
        is_over.set()
        thread.join()
    assert published_run(settings.published) == earlier


def test_only_the_demo_fills_the_embedded_server(tmp_path: Path) -> None:
    """And nothing but the embedded server is filled by it."""
    settings = settings_at(tmp_path)
    with pytest.raises(BadConfiguration, match="launch the job `demo`"):
        refuse_empty(settings)
    with pytest.raises(BadConfiguration, match="nothing was simulated"):
        fill(replace(settings, source_url="postgresql://db/shop"), "run-1", progress=print)
    told = [*examine(settings)]
    assert "fails" not in {one.state for one in told}
    assert "simulates a business" in str(told)
    assert "demo" in {job.name for job in build_definitions(settings).jobs or []}


def test_serve_dagster_dev_and_dg_find_the_definitions_by_one_name() -> None:
    (origin,) = get_origins_from_toml(str(PROJECT / "pyproject.toml"))
    assert origin.location_name == "hypnomart"
    assert origin.loadable_target_origin.module_name == definitions.__name__
    tools = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]
    project = tools["dg"]["project"]
    assert f"{project['root_module']}.definitions" == definitions.__name__
    (served,) = location_origins_from_yaml_paths([str(WORKSPACE)])
    assert served.loadable_target_origin.module_name == definitions.__name__
    names = {origin.location_name, served.location_name, project["code_location_name"]}
    assert names == {LOCATION}
