"""The checks of what was built, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from checks.result import CheckResult
from checks.run import has_errors, run_checks
from models.counting import counted
from models.errors import ChecksFailed
from pipelines.base.lock import warehouse_lock
from pipelines.base.progress import Progress, step_told
from pipelines.base.run_record import recorded_step
from pipelines.base.settings import Settings
from pipelines.publication import checked
from pipelines.publication.gate import open_ledger
from pipelines.publication.results import dbt_results
from pipelines.transform.check_models import check_models
from pipelines.transform.recording import forget_edited


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
