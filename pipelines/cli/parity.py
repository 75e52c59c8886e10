"""`hypnomart parity`: whether another engine gives the same marts."""

from __future__ import annotations

import typer

from models.counting import counted
from pipelines.cli.steps import writing
from pipelines.cli.terminal import say, tell


def parity() -> None:
    """Build the marts by both engines, and compare them.

    DuckDB builds here, PostgreSQL at HYPNOMART_TARGET_URL. Exit code 1 if a mart differs: in its
    keys, its money, its counts, or in a double by more than a billionth.

    Example: hypnomart parity
    """
    with writing() as settings:
        from pipelines.publication.native.parity import compared
        from pipelines.publication.native.postgres import build_there, refuse_target
        from pipelines.run.steps import build_step, newest_run_id
        from pipelines.transform.build import refuse_unbuilt

        refuse_target(settings)
        refuse_unbuilt(build_step(settings, newest_run_id(settings), progress=say))
        refuse_unbuilt(build_there(settings, progress=say, tests=False))
        differing = 0
        for mart in compared(settings, "postgres"):
            differing += not mart.is_equal
            tell(f"{mart.mart:<42} {counted(mart.rows, 'row'):>14}  {mart.told}")
    tell(f"{counted(differing, 'mart')} of DuckDB and PostgreSQL differ.")
    if differing:
        raise typer.Exit(1)
