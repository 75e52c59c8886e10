"""What commands do that write to the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.base.settings import Settings


@contextmanager
def writing() -> Iterator[Settings]:
    """The settings, with the warehouse's lock held: taken before what takes seconds to import, so
    that who is refused is told at once."""
    from pipelines.base.lock import warehouse_lock
    from pipelines.base.settings import load_settings

    settings = load_settings()
    with warehouse_lock(settings.home):
        yield settings
