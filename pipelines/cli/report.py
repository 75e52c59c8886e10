"""`hypnomart report`: files from the published marts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from models.counting import counted
from pipelines.cli.terminal import say, tell


def report(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Reports; all where none. Or: verify FILE."),
    ] = None,
    period: Annotated[
        str | None, typer.Option(help="A month, as 2026-10, or a week, as 2026-W44.")
    ] = None,
    *,
    formats: Annotated[
        str | None,
        typer.Option("--format", help="html, pdf, xlsx, csv, csv+bom, parquet; with commas."),
    ] = None,
    published: Annotated[
        Path | None,
        typer.Option(help="With verify: a copy of what the page is of."),
    ] = None,
) -> None:
    """Write reports from the published marts, or verify a page.

    Example: hypnomart report overview --period 2026-10 --format html

    Example: hypnomart report verify reports/out/latest/revenue.html
    """
    if names and names[0] == "verify":
        _verify(names[1:], published)
        return
    from pipelines.base.settings import load_settings
    from pipelines.run.steps import report_step

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


def _verify(files: list[str], published: Path | None) -> None:
    """Say how many figures of each page were made anew; exit with 1 where one differs."""
    from models.errors import BadConfiguration
    from pipelines.base.settings import load_settings
    from pipelines.publication.publications import publication_of
    from pipelines.run.steps import documents_of
    from reports.verify import read_page, verify_page

    if not files:
        raise BadConfiguration("Name a page: hypnomart report verify FILE.")
    settings = load_settings()
    is_wrong = False
    for file in files:
        run_id = read_page(Path(file)).meta["run"]
        source = published or publication_of(settings, run_id) or settings.published
        found = verify_page(Path(file), source, documents=documents_of(settings))
        for mart, count in found.figures.items():
            say(f"{mart}: {counted(count, 'figure')}")
        for difference in found.differences:
            tell(difference)
        is_wrong = is_wrong or bool(found.differences)
        tell(f"{file}: {'differs' if found.differences else 'every figure holds'}.")
    if is_wrong:
        raise typer.Exit(1)
