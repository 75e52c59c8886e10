"""What assets are given: the settings, and a way to say where they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pipelines import progress


def say(step: str) -> Callable[[str], None]:
    """A progress function whose lines are headed by the step's name."""
    return partial(progress.said, step)
