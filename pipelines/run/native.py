"""The steps of another engine than DuckDB: what it builds is checked and published as DuckDB's."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

import duckdb

from models.errors import BadConfiguration, ChecksFailed
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import DUCKDB, Settings
from pipelines.publication.gate import open_ledger
from pipelines.publication.native.builders import BUILDERS
from pipelines.publication.native.held import hold
from pipelines.publication.publish import Publication
from pipelines.publication.targets.copies import Brought
from pipelines.run import steps
from pipelines.transform.check_models import is_of_checks
from pipelines.transform.compiled import compiled
from pipelines.transform.content import Code
from pipelines.transform.making import make_models
from pipelines.transform.manifest import files_of_project, read_manifest, refuse_changed
from pipelines.transform.nodes import NodeResult, result_of
from pipelines.transform.recording import record
from pipelines.transform.testing import run_tests

Progress = Callable[[str], None]


def built_by(settings: Settings, engine: str) -> Settings:
    """The settings by which steps check and publish what an engine built.

    Raises BadConfiguration where it built nothing yet.
    """
    built = replace(settings, engine=engine)
    if engine != DUCKDB and not built.warehouse.exists():
        raise BadConfiguration(
            f"Nothing is built by {engine} yet; run `hypnomart build --engine {engine}`, then "
            f"`hypnomart check --engine {engine}`."
        )
    return built


def build_there_step(settings: Settings, engine: str, *, progress: Progress) -> list[NodeResult]:
    """Have an engine build, and fetch what came out for the checks. The caller asks
    `refuse_unbuilt` before it goes on."""
    builder = BUILDERS[engine]
    builder.refuse(settings)
    with warehouse_lock(settings.home):
        run_id = steps.newest_run_id(settings)
        seeds = steps.seeds_step(settings, run_id, progress=progress)
        if any(seed.status != "success" for seed in seeds):
            return seeds
        built, files = replace(settings, engine=engine), files_of_project(settings)
        code = Code(read_manifest(settings), built)
        nodes = builder.build(settings, progress=progress, tests=builder.tests)
        refuse_changed(settings, files)
        models = [node for node in nodes if node.resource_type == "model"]
        if all(model.status == "success" for model in models):
            hold(settings, built, builder=builder, manifest=code.manifest)
            nodes = [*nodes, *_asked_here(built, code, with_tests=not builder.tests)]
            _record(built, code, nodes=nodes, run_id=run_id)
    return nodes


def _asked_here(built: Settings, code: Code, *, with_tests: bool) -> list[NodeResult]:
    """What DuckDB makes and asks of what was fetched: the models that are checks, in its words
    alone, and the data tests if the engine ran none."""
    found = list(code.manifest["nodes"].values())
    models = [node for node in found if is_of_checks(node)]
    tests = [node for node in found if node["resource_type"] == "test"] if with_tests else []
    sql = compiled(built, [node["unique_id"] for node in (*models, *tests)])
    with duckdb.connect(str(built.warehouse)) as con:
        con.execute("set timezone = 'UTC'")
        return [*make_models(con, models, sql=sql), *run_tests(con, tests, sql=sql)]


def _record(built: Settings, code: Code, *, nodes: Sequence[NodeResult], run_id: str) -> None:
    """Enter what was built and tested, with the content that came out; seeds are those that were
    shipped."""
    seeds = [
        result_of(node, "success")
        for node in code.manifest["nodes"].values()
        if node["resource_type"] == "seed"
    ]
    with open_ledger(built, code) as (con, ledger):
        record(con, ledger, results=[*seeds, *nodes], build_id=str(uuid.uuid4()), run_id=run_id)


def publish_there_step(settings: Settings, run_id: str) -> tuple[Publication, Brought | None]:
    """Publish what an engine built, if the gate approves it: as the file, and at its target if one
    is named.

    `settings`: those of `built_by`. Raises ChecksFailed that names what is in the way, and what
    `target_step` raises. A target that cannot be reached or written to, or holds other marts than
    those that were checked, is told before anything is published.
    """
    engine = settings.engine
    newest = steps.newest_run_id(replace(settings, engine=DUCKDB))
    if newest != run_id:
        raise ChecksFailed(
            f"{engine} built run {run_id}, and run {newest} was extracted since; run "
            f"`hypnomart build --engine {engine}`, then `check` and `publish` with the "
            "same. The previous publication stands."
        )
    bring = BUILDERS[engine].bringing(settings)
    with warehouse_lock(settings.home):
        publication = steps.publish_step(settings, run_id)
        if bring is None:
            return publication, None
        return publication, steps.target_step(settings, run_id, engine=engine, bring=bring)
