"""What can pass is tried again: a server that does not answer, a lock that another run holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from models.errors import HypnomartError

WAITS = (10, 60, 300)  # seconds before each new try
# The tag of a run for whose end somebody waits at a terminal: told at once what is wrong.
AT_TERMINAL = "hypnomart/at_terminal"


@contextmanager
def tried_again(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Have Dagster try a step again after an error that can pass; any other ends the run, and so
    does one that has not passed after the last wait."""
    try:
        yield
    except HypnomartError as error:
        tries = context.retry_number
        if not error.can_pass or tries >= len(WAITS) or AT_TERMINAL in context.run.tags:
            raise
        raise dg.RetryRequested(len(WAITS), seconds_to_wait=WAITS[tries]) from error
