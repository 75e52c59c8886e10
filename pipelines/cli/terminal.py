"""What the commands say to a person: never a control character of what they tell about."""

from __future__ import annotations

import shutil
import sys

import click
import typer

from pipelines.base.plain import plain


def tell(line: str, *, nl: bool = True) -> None:
    """A result, on standard output."""
    typer.echo(plain(line), nl=nl)


def say(line: str) -> None:
    """Progress goes to standard error, so that output can be piped."""
    typer.echo(plain(line), err=True)


def page(text: str) -> None:
    """A result that may be long: through the pager where a terminal cannot show it at once."""
    text = plain(text)
    if sys.stdout.isatty() and text.count("\n") >= shutil.get_terminal_size().lines - 1:
        click.echo_via_pager(text + "\n")
    else:
        typer.echo(text)
