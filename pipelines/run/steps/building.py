"""Staging, marts and data tests built in the working file."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence

from pipelines.base.lock import warehouse_lock
from pipelines.base.progress import Progress, step_told
from pipelines.base.run_record import recorded_step
from pipelines.base.settings import Settings
from pipelines.extract.state.layout import create_layout
from pipelines.extract.state.working_file import open_warehouse
from pipelines.publication.gate import open_ledger
from pipelines.transform import dbt
from pipelines.transform.build import build
from pipelines.transform.manifest import files_of_project, read_manifest
from pipelines.transform.nodes import NodeResult
from pipelines.transform.recording import current_seeds, record


def build_step(
    settings: Settings, run_id: str, *, progress: Progress, select: Sequence[str] = ()
) -> list[NodeResult]:
    """Build staging, marts and dbt's data tests, all or what a dbt selection names. The caller asks
    `refuse_unbuilt` before it goes on."""
    ids = dbt.selected(settings, select) if select else None
    return list(building(settings, run_id, progress=progress, ids=ids))


def seeds_step(settings: Settings, run_id: str, *, progress: Progress) -> list[NodeResult]:
    """Load the seeds alone, for an engine that builds from them."""
    nodes = read_manifest(settings)["nodes"].values()
    ids = {node["unique_id"] for node in nodes if node["resource_type"] == "seed"}
    return list(building(settings, run_id, progress=progress, ids=ids))


def building(
    settings: Settings, run_id: str, *, progress: Progress, ids: Collection[str] | None
) -> Iterator[NodeResult]:
    """The same, each result as it comes, of all nodes or those of `ids`; once the last has come,
    the ledger keeps what came out."""
    with (
        warehouse_lock(settings.home),
        recorded_step(settings, run_id, step="build") as details,
        step_told("build", details),
    ):
        _fit_working_file(settings)
        files = files_of_project(settings)
        with open_ledger(settings) as (con, ledger):
            code, current = ledger.code, current_seeds(con, ledger)
        nodes = []
        manifest = code.manifest
        for node in build(
            settings, manifest, progress=progress, ids=ids, current=current, files=files
        ):
            nodes.append(node)
            yield node
        # entered as the code of when the build began: what was saved meanwhile is built next time
        with open_ledger(settings, code) as (con, ledger):
            record(con, ledger, results=nodes, build_id=str(uuid.uuid4()), run_id=run_id)
        details["nodes"] = len(nodes)
        details["failed_tests"] = [node.name for node in nodes if node.status in ("fail", "warn")]
        details["skipped"] = [node.name for node in nodes if node.status == "skipped"]


def _fit_working_file(settings: Settings) -> None:
    """A file that an earlier version extracted gets the tables that this one reads."""
    if settings.warehouse.exists():
        con = open_warehouse(settings.warehouse)
        try:
            create_layout(con)
        finally:
            con.close()
