"""The command `hypnomart`: each command's help ends with an example, each error in one sentence.

One file for each group of commands. A command imports what it works with when it is called, so
that help and completion answer at once.
"""

from __future__ import annotations

import atexit
import os
import sys
from typing import Annotated, NoReturn

import typer

from models.errors import HypnomartError
from pipelines.cli import (
    config,
    doctor,
    erase,
    explain,
    fetch,
    metrics,
    parity,
    publish,
    query,
    report,
    run,
    schema,
    seeds,
    serve,
    simulate,
    status,
    steps,
)
from pipelines.cli.terminal import say

ABORTED = 130  # as a shell tells of Ctrl-C

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(run.run)
app.command()(simulate.simulate)
app.add_typer(schema.app, name="schema")
app.add_typer(seeds.seeds, name="seeds")
app.add_typer(seeds.rates, name="rates")
app.command()(steps.extract)
app.command()(steps.build)
app.command()(steps.check)
app.command()(publish.publish)
app.command()(publish.publications)
app.command()(fetch.fetch)
app.command()(parity.parity)
app.command()(report.report)
app.command()(query.query)
app.command()(metrics.metrics)
app.command()(explain.explain)
app.command()(status.status)
app.command()(config.config)
app.command()(doctor.doctor)
app.command()(erase.erase)
app.command()(serve.serve)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"hypnomart {version('hypnomart')}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Revenue, retention, referral and credit marts from the app's PostgreSQL."""


def main() -> None:
    """Entry point: run a command and turn its error into one sentence and an exit code."""
    from pipelines.base.environment import isolate
    from pipelines.base.interrupts import end_when_told, was_interrupted

    try:
        isolate()
        end_when_told()
        app(prog_name="hypnomart")
    except SystemExit as end:
        if end.code == ABORTED:
            _end_aborted()  # typer ends at Ctrl-C without a word
        raise
    except Exception as error:
        if was_interrupted(error):
            _end_aborted()
        sentence, exit_code = _told(error)
        say(sentence)
        sys.exit(exit_code)


def _end_aborted() -> NoReturn:
    """End at once: Python would wait for threads amid what they do, and take seconds to tidy up.
    What asked to be called at the end is called; the watcher of signals ends that too, in time."""
    say("Aborted.")
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(ABORTED)


def _told(error: Exception) -> tuple[str, int]:
    """An error in one sentence, and its exit code. Raises what nothing explains."""
    import duckdb

    from pipelines.base.file_faults import file_fault

    fault = file_fault(error) if isinstance(error, duckdb.Error) else error
    if isinstance(fault, HypnomartError):
        return f"hypnomart: {fault}", fault.exit_code
    if isinstance(error, OSError):
        return f"hypnomart: {error.strerror or error}: {error.filename or ''}", 2
    raise error
