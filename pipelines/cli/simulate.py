"""`hypnomart simulate`: a business to try things on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from models.errors import BadConfiguration
from pipelines.cli.terminal import say, tell


def simulate(
    users: Annotated[int, typer.Option(min=1, help="Accounts to create.")] = 5000,
    days: Annotated[int, typer.Option(min=1, help="Days of business.")] = 540,
    *,
    seed: Annotated[int, typer.Option(help="Same seed, same rows.")] = 2026,
    until: Annotated[
        str | None, typer.Option(help="Last day, as 2026-10-31; today where not given.")
    ] = None,
    faults: Annotated[str, typer.Option(help="none, typical or all.")] = "typical",
    advance: Annotated[
        int | None, typer.Option(min=1, help="Let the existing business live on for N days.")
    ] = None,
) -> None:
    """Fill an empty source with a simulated business.

    With --advance an existing one lives on. Refuses a source that it did not create. What is true
    of the business lies in home/truth.

    Example: hypnomart simulate --users 1000 --days 365 --seed 7 --faults all
    """
    from models import simulation
    from models.apply import apply_schema
    from pipelines.base.settings import load_settings
    from pipelines.run.steps import source_url

    settings = load_settings()
    url = source_url(settings)
    if advance is not None:
        simulation.advance(url, days=advance, truth_dir=settings.truth_dir, progress=say)
        return
    apply_schema(url)
    rows = simulation.simulate(
        url,
        users=users,
        days=days,
        seed=seed,
        until=_day(until),
        faults=faults,
        truth_dir=settings.truth_dir,
        progress=say,
    )
    for table, count in rows.items():
        tell(f"{table:<28} {count:>12,}")


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadConfiguration(f"--until {text!r} is not a day; write 2026-10-31.") from error
