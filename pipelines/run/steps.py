"""The steps of a run, one function each; Dagster assets and the command line both call these."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

# DuckDB imports both while it reads: an interrupt that arrived there was lost, and the import lock
# with it. So they come before the first connection.
import numpy  # noqa: F401
import pandas  # noqa: F401

from checks.result import CheckResult
from checks.run import has_errors, run_checks
from models.counting import counted
from models.errors import ChecksFailed, HypnomartError
from models.live import read_catalogue, save_catalogue
from pipelines.base.embedded import start_embedded
from pipelines.base.lock import warehouse_lock
from pipelines.base.progress import step_told
from pipelines.base.run_record import recorded_step
from pipelines.base.settings import Settings
from pipelines.extract.run import extract
from pipelines.extract.state.layout import create_layout
from pipelines.extract.state.manifest import Extraction
from pipelines.extract.state.working_file import open_warehouse
from pipelines.publication import checked
from pipelines.publication.erasure.erase import erase_closed
from pipelines.publication.gate import approve, dbt_results, extracted_run, open_ledger
from pipelines.publication.publish import Publication, publish
from pipelines.publication.targets.copies import Brought
from pipelines.publication.targets.engines import ENGINES
from pipelines.transform import dbt
from pipelines.transform.build import build
from pipelines.transform.check_models import check_models
from pipelines.transform.ledger import current_seeds, forget_edited, record
from pipelines.transform.manifest import read_manifest, read_semantics
from pipelines.transform.marts import published_marts
from pipelines.transform.nodes import NodeResult
from reports.published import Documents
from reports.run import write_reports

Progress = Callable[[str], None]


def source_url(settings: Settings) -> str:
    """The source's URL; starts the embedded server where none is set."""
    return settings.source_url or start_embedded(settings.home)


def extract_step(
    settings: Settings, run_id: str, *, full_refresh: bool, progress: Progress
) -> Extraction:
    """Bring raw.* and history.* up to one snapshot of the source."""
    with (
        warehouse_lock(settings.home),
        recorded_step(settings, run_id, step="extract") as details,
        step_told("extract", details),
    ):
        url = source_url(settings)
        extraction = extract(
            settings,
            source_url=url,
            run_id=run_id,
            full_refresh=full_refresh,
            progress=progress,
        )
        if erased := erase_closed(settings, as_of_at=extraction.as_of_at):
            progress(f"{erased} accounts closed long enough ago: erased")
        save_catalogue(read_catalogue(url), settings.source_catalogue)
        details["as_of_at"] = extraction.as_of_at
        details["changed_rows"] = sum(count.changed_rows for count in extraction.tables)
        details["deleted_rows"] = sum(count.deleted_rows for count in extraction.tables)
        details["notes"] = list(extraction.notes)
        return extraction


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
        with open_ledger(settings) as (con, ledger):
            code, current = ledger.code, current_seeds(con, ledger)
        nodes = []
        for node in build(settings, code.manifest, progress=progress, ids=ids, current=current):
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


def check_step(
    settings: Settings,
    run_id: str,
    *,
    progress: Progress,
    names: Collection[str] | None = None,
    told: Callable[[CheckResult], None] = lambda _: None,
) -> list[CheckResult]:
    """Run every check, or the named ones, and keep its result; with all of them, what dbt's data
    tests last said of what is there now. `told` is called with each result as it comes.

    Returns whatever they say; the caller asks `refuse_errors` before it publishes.
    """
    with (
        warehouse_lock(settings.home),
        recorded_step(settings, run_id, step="check") as details,
        step_told("check", details),
    ):
        with open_ledger(settings) as (con, ledger):
            forget_edited(con, ledger, read=list(ledger.built))
            seen, tests = ledger.seen_by_checks, dbt_results(ledger)
            is_whole = names is None or not checked.written_to(con, checked.left(con, seen))
        results = run_checks(
            settings.warehouse,
            run_id=run_id,
            models=check_models(ledger.manifest),
            progress=progress,
            dbt_results=tests if names is None else (),
            content_id=seen,
            names=names,
            told=told,
        )
        if is_whole:
            with open_ledger(settings, ledger.code) as (con, _):
                checked.keep(con, seen)
        details["checks"] = len(results)
        details["failed"] = [
            f"{result.severity} {result.check_name}"
            for result in results
            if result.status != "passed"
        ]
        return results


def refuse_errors(results: Sequence[CheckResult]) -> None:
    """Raise ChecksFailed, naming the checks of severity error that did not pass."""
    if not has_errors(results):
        return
    failed = [r for r in results if r.severity == "error" and r.status != "passed"]
    lines = "; ".join(f"{r.check_name} ({counted(r.failing_rows, 'row')})" for r in failed[:5])
    raise ChecksFailed(
        f"{counted(len(failed), 'check')} of severity error did not pass: {lines}. "
        "Nothing was published, the previous publication stands; see quality.quality_results in "
        "the working file."
    )


def publish_step(settings: Settings, run_id: str) -> Publication:
    """Replace the published file by the marts as built, if the gate approves them as the run's.

    Raises ChecksFailed that names what is in the way.
    """
    with (
        warehouse_lock(settings.home),
        recorded_step(settings, run_id, step="publish") as details,
        step_told("publish", details),
    ):
        approval = approve(settings, run_id)
        publication = publish(
            settings,
            run_id=run_id,
            marts=published_marts(read_manifest(settings)),
            contents=approval.contents,
            content_id=approval.content_id,
            semantics=read_semantics(settings),
        )
        details.update(asdict(publication))
    return publication


def target_step(
    settings: Settings,
    run_id: str,
    *,
    engine: str,
    bring: Callable[[Settings], Brought] | None = None,
) -> Brought:
    """Bring what is published, which is of run `run_id`, to an engine; `bring`: by other means
    than a copy.

    Raises what its `bring` does, with the way to do it again; the published file stands in each
    case.
    """
    with (
        warehouse_lock(settings.home),
        recorded_step(settings, run_id, step=engine) as details,
        step_told(engine, details),
    ):
        try:
            brought = (bring or ENGINES[engine].bring)(settings)
        except HypnomartError as error:
            raise type(error)(
                f"{error} The published file is of run {run_id}; once that is mended, "
                f"`hypnomart publish --to {engine}` brings it there."
            ) from error
        details.update(asdict(brought))
    return brought


def reach(settings: Settings, run_id: str, *, engines: Iterable[str], progress: Progress) -> None:
    """Have engines hold what is published, each whatever comes of another. Raises the first's
    error, in the words of all."""
    failed: list[HypnomartError] = []
    for engine in engines:
        try:
            brought = target_step(settings, run_id, engine=engine)
        except HypnomartError as error:
            failed.append(error)
            continue
        progress(f"{counted(brought.tables, 'table')} in {brought.place}")
        if brought.note:
            progress(brought.note)
    if failed:
        raise type(failed[0])(" ".join(map(str, failed))) from failed[0]


def report_step(
    settings: Settings,
    run_id: str,
    *,
    progress: Progress,
    names: Sequence[str] = (),
    period: str | None = None,
    formats: Sequence[str] = (),
) -> list[Path]:
    """Write reports from the published file; those of a `period` into a folder of their own."""
    with recorded_step(settings, run_id, step="report") as details, step_told("report", details):
        paths = write_reports(
            settings.published,
            settings.reports_dir,
            names=names,
            period=period,
            formats=formats,
            documents=documents_of(settings),
            keep=settings.reports_keep,
            progress=progress,
        )
        details["files"] = len(paths)
        return paths


def documents_of(settings: Settings) -> Documents:
    """What runs keep for reports beside the published file."""
    return Documents(settings.source_catalogue, dbt.manifest_file(settings))


def newest_run_id(settings: Settings) -> str:
    """The run of the newest extraction. Raises BadConfiguration before the first."""
    return extracted_run(settings, "")
