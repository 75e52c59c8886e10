"""Which published tables each page shows: what the queries read that its modules name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType

from reports import headlines, overview, state
from reports.explain import changes
from reports.pages import PAGES
from reports.queries import SQL_FOLDER
from reports.showing import Showing

QUERY = re.compile(r"""published\.rows\(\s*f?"([^"]+)\"""")
COMMENT = re.compile(r"--.*")
READ = re.compile(r"\b(?:from|join|unpivot)\s+([a-z_]+)", re.IGNORECASE)


@cache
def showings() -> tuple[Showing, ...]:
    """The pages in their order."""
    modules: dict[tuple[str, str, str], list[ModuleType]] = {
        ("overview", "Overview", "The business at a glance."): [
            overview, headlines, state, changes
        ]
    }  # fmt: skip
    for page in PAGES:
        key = (page.name, page.title, page.question)
        modules[key] = [import_module(page.figures.__module__)]
    return tuple(
        Showing(*key, frozenset(table for module in of_page for table in _tables(module)))
        for key, of_page in modules.items()
    )


def _tables(module: ModuleType) -> Iterator[str]:
    for name in QUERY.findall(inspect.getsource(module)):
        for path in SQL_FOLDER.glob(re.sub(r"\{[^}]*\}", "*", name) + ".sql"):
            yield from READ.findall(COMMENT.sub("", path.read_text("utf-8")))
