"""`hypnomart run`: the main job."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from models.counting import counted
from models.errors import BadConfiguration
from pipelines.cli.steps import FullRefresh
from pipelines.cli.terminal import tell
from pipelines.cli.writing import writing

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.base.settings import Settings

COLUMNS = "movement_month, closing_mrr_usd, closing_customers, customer_churn_rate"
FOUND = """
    select count(*), count(distinct check_name), sum(money_at_stake_usd)
    from quality_findings
"""


def run(
    full_refresh: FullRefresh = False,
    reports: Annotated[bool, typer.Option(help="Write the reports at the end.")] = True,
    *,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every line.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show errors alone.")] = False,
) -> None:
    """Extract, build, check, publish and report: the main job.

    Example: hypnomart run --no-reports
    """
    if verbose and quiet:
        raise BadConfiguration("Choose --verbose or --quiet, not both.")
    from pipelines.cli.run_display import display

    started = datetime.now(UTC)
    with writing() as settings, display(verbose=verbose, quiet=quiet):
        from pipelines.orchestration.job import (
            run_job,  # seconds, during which the first line stands
        )

        run_id = run_job(settings, full_refresh=full_refresh, with_reports=reports)
    if not quiet:
        seconds = (datetime.now(UTC) - started).total_seconds()
        tell(f"Run {run_id} published in {seconds:.0f} s.")
        _say_what_to_open(settings, with_reports=reports)


def _say_what_to_open(settings: Settings, *, with_reports: bool) -> None:
    tell(f"  marts    {settings.published}")
    if with_reports:
        _tell_link("  reports  ", settings.reports_dir / "latest" / "index.html")
    tell(f'  ask      hypnomart query "select {COLUMNS} from mrr_bridge_monthly where is_complete"')
    tell(f"  found    {_found(settings)}")


def _tell_link(head: str, path: Path) -> None:
    """A path that a terminal opens at a click."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.text import Text

        shown = Text(str(path), style=f"link {path.absolute().as_uri()}")
        Console(soft_wrap=True).print(Text(head) + shown)
    else:
        tell(f"{head}{path}")


def _found(settings: Settings) -> str:
    """What the checks found in the source, and the money that hangs on it."""
    from pipelines.query.ask import ask

    ((rows, checks, usd),) = ask(settings.published, FOUND).rows
    if not rows:
        return "nothing wrong at the source"
    return (
        f"{counted(rows, 'row')} by {counted(checks, 'check')}, {usd or 0:,.2f} USD at stake: "
        'hypnomart query "from quality_findings"'
    )
