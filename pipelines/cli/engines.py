"""The option that names the engine that builds."""

from __future__ import annotations

from typing import Annotated

import typer

from models.errors import BadConfiguration

Engine = Annotated[
    str, typer.Option(help="Who builds: duckdb, spark, or postgres at HYPNOMART_TARGET_URL.")
]
ENGINES = ("duckdb", "postgres", "spark")


def known(engine: str) -> None:
    """Raise BadConfiguration for an engine that builds nothing."""
    if engine not in ENGINES:
        raise BadConfiguration(
            f"--engine {engine!r} builds nothing; choose {' or '.join(ENGINES)}."
        )
