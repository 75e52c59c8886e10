"""`hypnomart report`: files from the published marts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from pipelines.cli.terminal import say, tell


def report(
    names: Annotated[list[str] | None, typer.Argument(help="Reports; all where none.")] = None,
    period: Annotated[str | None, typer.Option(help="A month, as 2026-10.")] = None,
    formats: Annotated[
        str | None, typer.Option("--format", help="html, xlsx, csv, parquet; with commas.")
    ] = None,
) -> None:
    """Write reports from the published marts.

    Example: hypnomart report overview --period 2026-10 --format html
    """
    from pipelines.settings import load_settings
    from pipelines.steps import report_step

    paths = report_step(
        load_settings(),
        f"report-{datetime.now(UTC):%Y%m%dT%H%M%S}",
        names=names or [],
        period=period,
        formats=[part.strip() for part in (formats or "").split(",") if part.strip()],
        progress=say,
    )
    for path in paths:
        tell(str(path))
