"""How far a run is: steps begin, say something, end. Who shows it is set for a block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

from models.counting import counted
from pipelines.base.plain import plain

STEPS = ("source", "extract", "build", "check", "publish", "report")
Progress = Callable[[str], None]  # what is told where a step is


class Listener(Protocol):
    """Shows a run to somebody."""

    def began(self, step: str) -> None:
        """A step begins; one that began already goes on."""

    def said(self, step: str, line: str) -> None:
        """A step says where it is."""

    def ended(self, step: str, details: Mapping[str, Any]) -> None:
        """A step is done; it may come again, as one report after another does."""


class Lines:
    """Every line as it is said, as logs keep them; to standard output unless a file is given."""

    def __init__(self, file: TextIO | None = None) -> None:
        self.file = file

    def began(self, step: str) -> None:
        """Nothing: the step will speak."""

    def said(self, step: str, line: str) -> None:
        """Print the line, headed by its step."""
        print(plain(f"  {step:<8} {line}"), file=self.file, flush=True)

    def ended(self, step: str, details: Mapping[str, Any]) -> None:
        """Nothing: its last line said so."""


_listener: Listener = Lines()


def said(step: str, line: str) -> None:
    """Tell whoever listens."""
    _listener.said(step, line)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have a listener told for a block, in place of the lines of a log."""
    global _listener
    before, _listener = _listener, listener
    try:
        yield
    finally:
        _listener = before


class Within:
    """What is done on behalf of another step: its lines are told, its steps are not."""

    def __init__(self, outer: Listener) -> None:
        self.outer = outer

    def began(self, step: str) -> None:
        """Nothing: the other step goes on."""

    def said(self, step: str, line: str) -> None:
        """Pass the line on."""
        self.outer.said(step, line)

    def ended(self, step: str, details: Mapping[str, Any]) -> None:
        """Nothing: the other step goes on."""


@contextmanager
def within_a_step() -> Iterator[None]:
    """Steps of the block are part of the one that runs."""
    with listening(Within(_listener)):
        yield


@contextmanager
def step_told(step: str, details: Mapping[str, Any]) -> Iterator[None]:
    """Tell that a step begins and, if it succeeds, what came of it by its details."""
    _listener.began(step)
    yield
    _listener.ended(step, details)


def result_of(step: str, details: Mapping[str, Any]) -> str:
    """What came of a step, in a line."""
    match step:
        case "extract":
            changed = counted(details["changed_rows"], "row")
            return f"{changed} changed, {details['deleted_rows']:,} deleted"
        case "build":
            failed = len(details["failed_tests"])
            return built(details["nodes"]) + (f", {failed} failed" if failed else "")
        case "check":
            return f"{counted(details['checks'], 'check')}, {len(details['failed'])} not passed"
        case "publish":
            megabytes = details["size_bytes"] / 1e6
            return f"{contents(details['tables'], details['rows'])}, {megabytes:,.1f} MB"
        case "postgres" | "ducklake" | "spark":
            return f"{contents(details['tables'], details['rows'])} in {details['place']}"
        case "report":
            return counted(details["files"], "file")
    return ""


def built(nodes: int) -> str:
    """How many nodes of dbt, in words."""
    return counted(nodes, "model or test", many="models and tests")


def contents(tables: int, rows: int) -> str:
    """What a publication holds, in words."""
    return f"{counted(tables, 'table')}, {counted(rows, 'row')}"
