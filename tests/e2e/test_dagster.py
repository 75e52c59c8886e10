"""The asset graph as Dagster shows it, and the main job as it runs."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from models.errors import ChecksFailed
from models.tables import TABLES
from pipelines.base.run_record import last_run
from pipelines.base.settings import PROJECT, Settings
from pipelines.definitions import build_definitions
from pipelines.orchestration.defs.kept import OWNERS
from pipelines.orchestration.instance import POOL
from pipelines.orchestration.job import run_job
from pipelines.transform.dbt import environment
from reports.pages import PAGES
from tests.conftest import new_database
from tests.e2e.pipeline import Business
from tests.warehouse import settings_at
from tests.written_site import Links, dead_links

# What URLs, SQL, templates, shells and globs would take for their own.
ODD = 'o\'d "q" 100% $HOME ${x} {{ y }} \\b ü日 [a]*;&=,@~:+(p)'


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """The definitions of an empty home."""
    return build_definitions(settings_at(tmp_path_factory.mktemp("definitions")))


@pytest.fixture(scope="module")
def published(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, str]]:
    """A home whose source is an app with one subscriber and one pack, and the run of the main job
    that published it with its reports."""
    folder = tmp_path_factory.mktemp("job") / ODD
    with (
        new_database(postgres_url, template=template_database) as url,
        environment({"DAGSTER_HOME": ""}),
    ):
        business = Business(url)
        user_id = business.user("2026-01-10")
        business.event(user_id, "created", "2026-01-10")
        business.pack(user_id, "2026-03-15", 4000)
        settings = settings_at(folder, source_url=url, published_dir=folder / "shared")
        yield settings, run_job(settings, full_refresh=False, with_reports=True)


def nodes(definitions: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {"/".join(spec.key.path): spec for spec in definitions.resolve_all_asset_specs()}


def test_an_engine_is_an_asset_behind_the_publication(tmp_path: Path) -> None:
    """It stands only where it is asked for, and no report waits for it."""
    settings = settings_at(
        tmp_path, targets=("postgres", "ducklake", "spark"), target_url="postgresql://bi/bi",
        lake=tmp_path / "lake", parquet=str(tmp_path / "marts"),
    )  # fmt: skip
    graph = build_definitions(settings).resolve_asset_graph()
    for name in settings.targets:
        engine = graph.get(dg.AssetKey(["publication", name]))
        assert engine.parent_keys == {dg.AssetKey(["publication", "hypnomart"])}
        assert not engine.child_keys


def test_the_graph_leads_from_each_table_to_the_reports(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    reports = dg.AssetSelection.key_prefixes("reports").upstream().resolve(graph)
    for table in TABLES:
        operational = dg.AssetKey(["operational", table.name])
        raw = dg.AssetKey(["raw", table.name])
        assert operational in graph.get(raw).parent_keys
        assert {operational, raw} <= reports
    publication = dg.AssetKey(["publication", "hypnomart"])
    engines = {f"publication/{name}" for name in ("postgres", "ducklake", "spark")}
    assert not engines & nodes(definitions).keys()
    assert publication in graph.get(dg.AssetKey(["reports", "overview"])).parent_keys
    assert dg.AssetKey(["quality", "quality_results"]) in graph.get(publication).parent_keys


def test_every_asset_says_what_it_is_and_who_keeps_it(definitions: dg.Definitions) -> None:
    for name, spec in nodes(definitions).items():
        assert spec.description, name
        assert spec.group_name, name
        assert spec.owners, name
        assert spec.kinds, name


def test_marts_belong_to_the_teams_of_their_areas(definitions: dg.Definitions) -> None:
    assert OWNERS.keys() <= {spec.group_name for spec in nodes(definitions).values()}
    assert nodes(definitions)["marts/fct_revenue"].owners == ["team:finance"]
    assert nodes(definitions)["staging/stg_courses"].owners == ["team:analytics"]


def test_what_a_refresh_makes_may_be_a_day_old_and_two_days_missed_are_a_fault(
    definitions: dg.Definitions,
) -> None:
    found = {name: spec.freshness_policy for name, spec in nodes(definitions).items()}
    daily = {name for name, policy in found.items() if policy}
    assert {name.partition("/")[0] for name in daily} == {
        "operational", "raw", "marts", "publication",
    }  # fmt: skip
    assert found["publication/hypnomart"] == dg.FreshnessPolicy.time_window(
        warn_window=timedelta(hours=26), fail_window=timedelta(hours=50)
    )


def test_every_check_is_named_and_described_for_people(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for key in graph.asset_check_keys:
        spec = graph.get_check_spec(key)
        assert not key.name.startswith("expression_is_true"), key
        assert spec.description and spec.metadata["suite"] and spec.metadata["area"], key


def test_every_step_that_writes_is_in_the_pool(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_implicit_global_asset_job_def()
    writing = {}
    for node in graph.nodes:
        assert isinstance(node.definition, dg.OpDefinition)
        is_writing = "writer" in node.definition.required_resource_keys
        writing[node.name] = is_writing
        assert (POOL in node.definition.pools) == is_writing, node.name
    assert writing["raw"] and not writing["reports"]


def test_each_mart_waits_for_checks_before_it_is_published(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    marts = {name for name in nodes(definitions) if name.startswith("marts/")}
    quality = graph.get(dg.AssetKey(["quality", "quality_results"])).parent_keys
    assert marts <= {"/".join(key.path) for key in quality}
    assert len(marts) >= 44


def test_schedules_are_there_and_off(definitions: dg.Definitions) -> None:
    schedules = definitions.schedules or []
    assert {schedule.name for schedule in schedules} == {"daily_refresh"}
    for schedule in schedules:
        assert isinstance(schedule, dg.ScheduleDefinition)
        assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
        assert schedule.execution_timezone == "UTC"


def test_the_job_publishes_and_a_refused_one_leaves_the_publication(
    published: tuple[Settings, str],
) -> None:
    settings, run_id = published
    record = last_run(settings)
    assert record and (record["run_id"], record["status"]) == (run_id, "published")
    # each page is a step of its own, and leads to those of later steps too
    for page in settings.reports_dir.glob("*/overview.html"):
        assert {f"{one.name}.html" for one in PAGES} <= {*Links(page.read_text("utf-8")).targets}
    assert dead_links(settings.reports_dir) == []
    assert stat.S_IMODE(settings.published.stat().st_mode) == 0o644
    assert stat.S_IMODE(settings.published.parent.stat().st_mode) == 0o755
    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700
    notebook_runs(settings)
    before = settings.published.read_bytes()

    business = Business(str(settings.source_url))
    user_id = business.user("2026-02-01")
    for number in range(500):
        replays = {"purchase_token": "one-token"} if number < 130 else {}
        business.pack(user_id, "2026-03-15", 4000, **replays)
    with pytest.raises(ChecksFailed, match="repeated"):
        run_job(settings, full_refresh=False, with_reports=True)
    assert settings.published.read_bytes() == before
    record = last_run(settings)
    assert record and record["status"] == "refused"
    with (
        environment({"DAGSTER_HOME": str(settings.home / "dagster")}),
        dg.DagsterInstance.get() as instance,
    ):
        run = instance.get_run_by_id(record["run_id"])
    assert run and run.tags["hypnomart/result"] == "refused"


def notebook_runs(settings: Settings) -> None:
    """The example in docs/notebooks, as a script in a folder of its own."""
    script, folder = PROJECT / "docs" / "notebooks" / "mrr.py", settings.home.parent / "notebook"
    folder.mkdir()
    where = {"HYPNOMART_HOME": settings.home, "HYPNOMART_PUBLISHED": settings.published.parent}
    done = subprocess.run(
        [sys.executable, script], cwd=folder, capture_output=True, text=True,
        env={**os.environ, **{name: str(path) for name, path in where.items()}},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "4.95" in done.stdout, "the one subscriber's MRR"
    assert list((folder / "mrr").glob("*/subscriptions.html"))


def test_dagster_shows_what_a_run_made_and_what_its_checks_said(
    published: tuple[Settings, str],
) -> None:
    settings, run_id = published
    with (
        environment({"DAGSTER_HOME": str(settings.home / "dagster")}),
        dg.DagsterInstance.get() as instance,
    ):
        queue = instance.get_concurrency_config().run_queue_config
        assert queue and queue.max_concurrent_runs == 2, "the configuration is not ours"
        events = [e for entry in instance.all_logs(run_id) if (e := entry.dagster_event)]
        made = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        run = instance.get_run_by_id(run_id)
    evaluations = [e for e in events if e.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION]
    told = {
        event.event_specific_data.check_name: event.event_specific_data.passed
        for event in evaluations
    }
    with duckdb.connect(str(settings.published), read_only=True) as con:
        kept = con.execute(
            "select check_name, status = 'passed', suite = 'dbt' from quality_results"
        ).fetchall()
    with duckdb.connect(str(settings.published), read_only=True) as con:
        ((as_of,),) = con.execute("select max(as_of_at) from run_manifest").fetchall()
    assert run and run.tags["hypnomart/result"] == "published"
    assert run.tags[".dagster/repository"] == "__repository__@hypnomart", "no run of the job's"
    assert run.tags["hypnomart/as_of"][:19] == as_of.isoformat()[:19]
    assert len(kept) > 500
    assert told == {name: passed for name, passed, _ in kept}
    assert len(told) == len(evaluations), "a check is told by two steps"
    by_quality = [event for event in events if event.step_key == "quality"]
    results = next(
        e
        for e in by_quality
        if e.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION
        and e.asset_key == dg.AssetKey(["quality", "quality_results"])
    )
    while_it_ran = by_quality[: by_quality.index(results)]
    ours = [name for name, _, is_dbt in kept if not is_dbt]
    assert len([e for e in while_it_ran if e in evaluations]) == len(ours), "told at the end only"

    metadata = {
        "/".join(m.asset_key.path): m.metadata for e in made if (m := e.asset_materialization)
    }
    schema = metadata["staging/stg_courses"]["dagster/column_schema"]
    assert isinstance(schema, dg.TableSchemaMetadataValue)
    types = {column.name: column.type for column in schema.schema.columns}
    assert types["course_id"] == "uuid" and types["created_at"] == "timestamp"
    lineage = nodes(build_definitions(settings))["marts/dim_courses"].metadata[
        "dagster/column_lineage"
    ]
    assert isinstance(lineage, dg.TableColumnLineage)
    dep = dg.TableColumnDep(dg.AssetKey(["raw", "courses"]), "title")
    assert lineage.deps_by_column["title"] == [dep]
