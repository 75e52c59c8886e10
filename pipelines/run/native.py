"""The steps of another engine than DuckDB: what it builds is checked and published as DuckDB's."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import duckdb

from models.errors import BadConfiguration, ChecksFailed
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import DUCKDB, Settings
from pipelines.publication.gate import open_ledger
from pipelines.publication.native.held import hold
from pipelines.publication.native.postgres import build_there, refuse_target
from pipelines.publication.native.shipped import MARTS
from pipelines.publication.native.shipping import prefix
from pipelines.publication.publish import Publication
from pipelines.publication.targets import postgres
from pipelines.publication.targets.built import BuiltThere
from pipelines.publication.targets.copies import Brought
from pipelines.publication.targets.schema import target, target_server
from pipelines.run import steps
from pipelines.transform.check_models import is_of_checks
from pipelines.transform.compiled import compiled
from pipelines.transform.content import Code
from pipelines.transform.ledger import record
from pipelines.transform.manifest import read_manifest
from pipelines.transform.marts import published_marts
from pipelines.transform.nodes import NodeResult, make_models, result_of

Progress = Callable[[str], None]
POSTGRES = "postgres"


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


def build_there_step(settings: Settings, *, progress: Progress) -> list[NodeResult]:
    """Have PostgreSQL build, and fetch what came out for the checks. The caller asks
    `refuse_unbuilt` before it goes on."""
    refuse_target(settings)
    with warehouse_lock(settings.home):
        run_id = steps.newest_run_id(settings)
        seeds = steps.seeds_step(settings, run_id, progress=progress)
        if any(seed.status != "success" for seed in seeds):
            return seeds
        built = replace(settings, engine=POSTGRES)
        code = Code(read_manifest(settings), built)
        nodes = build_there(settings, progress=progress)
        models = [node for node in nodes if node.resource_type == "model"]
        if all(model.status == "success" for model in models):
            hold(settings, built, target_server(settings), code.manifest)
            nodes = [*nodes, *_checks(built, code)]
            _record(built, code, nodes, run_id)
    return nodes


def _checks(built: Settings, code: Code) -> list[NodeResult]:
    """The models that are checks, which ask in DuckDB's words, made beside what was fetched."""
    models = [node for node in code.manifest["nodes"].values() if is_of_checks(node)]
    sql = compiled(built, [node["unique_id"] for node in models])
    with duckdb.connect(str(built.warehouse)) as con:
        con.execute("set timezone = 'UTC'")
        return list(make_models(con, models, sql))


def _record(built: Settings, code: Code, nodes: Sequence[NodeResult], run_id: str) -> None:
    """Enter what was built and tested, with the content that came out; seeds are those that were
    shipped."""
    seeds = [
        result_of(node, "success")
        for node in code.manifest["nodes"].values()
        if node["resource_type"] == "seed"
    ]
    with open_ledger(built, code) as (con, ledger):
        record(con, ledger, [*seeds, *nodes], build_id=str(uuid.uuid4()), run_id=run_id)


def publish_there_step(settings: Settings, run_id: str) -> tuple[Publication, Brought]:
    """Publish what PostgreSQL built, if the gate approves it: as the file, and where it was built.

    `settings`: those of `built_by`. Raises ChecksFailed that names what is in the way, and what
    `target_step` raises. A target that cannot be reached or written to is told before anything is
    published; what it holds is compared once the file is.
    """
    newest = steps.newest_run_id(replace(settings, engine=DUCKDB))
    if newest != run_id:
        raise ChecksFailed(
            f"{settings.engine} built run {run_id}, and run {newest} was extracted since; run "
            f"`hypnomart build --engine {settings.engine}`, then `check` and `publish` with the "
            "same. The previous publication stands."
        )
    refuse_target(settings)
    with target(settings):
        pass
    marts = published_marts(read_manifest(settings))
    there = BuiltThere(
        f"{prefix(target_server(settings))}{MARTS}",
        frozenset(mart.name for mart in marts if mart.schema == MARTS),
    )
    with warehouse_lock(settings.home):
        publication = steps.publish_step(settings, run_id)
        bring = partial(postgres.bring, built=there)
        return publication, steps.target_step(settings, run_id, POSTGRES, bring=bring)
