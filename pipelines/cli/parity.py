"""`hypnomart parity`: whether other engines give the same marts."""

from __future__ import annotations

from typing import Annotated

import typer

from models.counting import counted
from models.errors import BadConfiguration
from pipelines.cli.engines import ENGINES
from pipelines.cli.terminal import say, tell
from pipelines.cli.writing import writing

Engines = Annotated[
    list[str] | None,
    typer.Option("--engine", help="postgres, at HYPNOMART_TARGET_URL, or spark; may be repeated."),
]


def parity(engine: Engines = None) -> None:
    """Have DuckDB and other engines build the marts; compare.

    Without --engine PostgreSQL builds. Exit code 1 if a mart differs: in its keys, its money, its
    counts, or in a double by more than a billionth.

    Example: hypnomart parity --engine postgres --engine spark
    """
    engines = list(dict.fromkeys(engine or ["postgres"]))
    known = [name for name in ENGINES if name != "duckdb"]
    if unknown := [name for name in engines if name not in known]:
        raise BadConfiguration(
            f"--engine {unknown[0]!r} is not compared; choose {' or '.join(known)}."
        )
    with writing() as settings:
        from pipelines.publication.native.builders import BUILDERS
        from pipelines.publication.native.parity import compared, told
        from pipelines.run.steps import build_step, newest_run_id
        from pipelines.transform.build import refuse_unbuilt

        for name in engines:
            BUILDERS[name].refuse(settings)
        refuse_unbuilt(build_step(settings, newest_run_id(settings), progress=say))
        for name in engines:
            refuse_unbuilt(BUILDERS[name].build(settings, progress=say, tests=False))
        differing = 0
        for marts in zip(*(compared(settings, name) for name in engines), strict=True):
            differing += not all(mart.is_equal for mart in marts)
            tell(f"{marts[0].mart:<42} {counted(marts[0].rows, 'row'):>14}  {told(marts)}")
    tell(f"{counted(differing, 'mart')} of duckdb and {' and '.join(engines)} differ.")
    if differing:
        raise typer.Exit(1)
