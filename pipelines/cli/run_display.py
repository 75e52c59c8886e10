"""A run on a terminal: six steps with a live line each. Elsewhere a line when a step is done."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from pipelines.base.plain import plain
from pipelines.base.progress import STEPS, Lines, Listener, listening, result_of

if TYPE_CHECKING:
    from rich.table import Table


LOADING = "loading Dagster and dbt"  # what takes the source's time where it is there already


class Silent:
    """For --quiet: errors alone are told."""

    def began(self, step: str) -> None:
        """Nothing."""

    def said(self, step: str, line: str) -> None:
        """Nothing."""

    def ended(self, step: str, details: Mapping[str, Any]) -> None:
        """Nothing."""


@dataclass
class StepLine:
    """What a step has to show: when it began, what it said last, how long it took."""

    began_at: float = 0.0
    words: str = ""
    seconds: float | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since it began, or those that it took."""
        return time.monotonic() - self.began_at if self.seconds is None else self.seconds


class OneLineEach:
    """A line when a step is done, for pipes and logs."""

    def __init__(self, file: TextIO | None = None) -> None:
        self.file = file
        self.steps: dict[str, StepLine] = {}

    def began(self, step: str) -> None:
        """Start the step's clock; the source's ends with the first step after it."""
        source = self.steps.get("source")
        if step != "source" and source and source.seconds is None:
            self.ended("source", {})
        self.steps[step] = StepLine(time.monotonic())

    def said(self, step: str, line: str) -> None:
        """Keep the line as the step's last word."""
        if step not in self.steps:
            self.began(step)
        self.steps[step].words = line

    def ended(self, step: str, details: Mapping[str, Any]) -> None:
        """Tell what came of it."""
        line = self.steps[step]
        line.seconds = time.monotonic() - line.began_at
        line.words = result_of(step, details) or line.words or "as it was"
        self.show(step)

    def show(self, step: str) -> None:
        """Print the line of a step that is done."""
        line = self.steps[step]
        words = plain(f"  {step:<8} {line.words}, {line.elapsed:.1f} s")
        print(words, file=self.file, flush=True)


class Live(OneLineEach):
    """Six lines that change in place, for a terminal."""

    def show(self, step: str) -> None:
        """Nothing: the lines are drawn anew by themselves."""

    def __rich__(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(width=8)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column(justify="right", width=8)
        for step in (*STEPS, *(step for step in self.steps if step not in STEPS)):
            line = self.steps.get(step)
            if line is None:
                table.add_row(" ", Text(step, "dim"), "", "")
            else:
                sign = Text("…", "yellow") if line.seconds is None else Text("✓", "green")
                words = Text(plain(line.words) or (LOADING if step == "source" else "starting"))
                table.add_row(sign, step, words, f"{line.elapsed:.1f} s")
        table.expand = True
        return table


@contextmanager
def display(*, verbose: bool, quiet: bool) -> Iterator[None]:
    """Show the run of a block as this terminal, pipe or option wants it."""
    with _standard_output() as file:
        if verbose or quiet:
            listener: Listener = Lines(file) if verbose else Silent()
            with listening(listener):
                yield
        elif file.isatty():
            with _drawn(file) as live, listening(live):
                yield
        else:
            lines = OneLineEach(file)
            lines.began("source")
            with listening(lines):
                yield


@contextmanager
def _drawn(file: TextIO) -> Iterator[Live]:
    """Lines on a terminal, drawn until the block ends."""
    from rich.console import Console
    from rich.live import Live as Drawn

    live = Live()
    live.began("source")
    with Drawn(live, console=Console(file=file), refresh_per_second=8):
        yield live


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    """Where standard output leads now: while a step runs, Dagster points its descriptor at a log,
    where lines stood still or came late."""
    try:
        descriptor = os.dup(sys.stdout.fileno())
    except io.UnsupportedOperation:  # put aside by who calls
        yield sys.stdout
        return
    with os.fdopen(descriptor, "w", encoding=sys.stdout.encoding, errors="replace") as file:
        yield file
