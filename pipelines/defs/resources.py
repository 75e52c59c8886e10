"""What assets are given: the settings, and a way to say where they are."""

from __future__ import annotations

from collections.abc import Callable

import typer

from pipelines.plain import plain


def say(step: str) -> Callable[[str], None]:
    """A progress function that prints lines headed by the step's name."""

    def report(line: str) -> None:
        typer.echo(plain(f"  {step:<8} {line}"))

    return report
