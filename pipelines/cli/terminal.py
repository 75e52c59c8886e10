"""What the commands say to a person."""

from __future__ import annotations

import typer


def say(line: str) -> None:
    """Progress goes to standard error, so that output can be piped."""
    typer.echo(line, err=True)
