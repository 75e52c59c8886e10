"""dbt's exposures from the reports: `python -m pipelines.exposures` writes `_exposures.yml`.

Which marts a page shows is what the queries read that its module names.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

import sqlglot
import yaml
from sqlglot import exp

from pipelines.settings import PROJECT
from reports import headlines, overview, state
from reports.explain import changes
from reports.pages import PAGES
from reports.queries import SQL_FOLDER

EXPOSURES = PROJECT / "dbt_project" / "models" / "marts" / "_exposures.yml"
HEADER = "# Written by `python -m pipelines.exposures` from reports/.\n"
QUERY = re.compile(r"""published\.rows\(\s*f?"([^"]+)\"""")


def exposures_yaml() -> str:
    """The file's whole text: each page with the marts of the dbt project that it shows."""
    pages = [
        _exposure(
            "overview",
            "Overview",
            "The business at a glance.",
            [overview, headlines, state, changes],
        )
    ]
    for page in PAGES:
        module = import_module(page.figures.__module__)
        pages.append(_exposure(page.name, page.title, page.question, [module]))
    body = yaml.safe_dump({"version": 2, "exposures": pages}, sort_keys=False, width=100)
    return HEADER + body


def _exposure(
    name: str, title: str, question: str, modules: Sequence[ModuleType]
) -> dict[str, Any]:
    marts = sorted({mart for module in modules for mart in _marts(module)})
    return {
        "name": f"report_{name}",
        "label": title,
        "type": "dashboard",
        "maturity": "high",
        "description": question,
        "owner": {"name": "hypnomart"},
        "depends_on": [f"ref('{mart}')" for mart in marts],
    }


def _marts(module: ModuleType) -> Iterator[str]:
    """The dbt models that a module's queries read; the checks' own tables are none."""
    models = {path.stem for path in (PROJECT / "dbt_project" / "models" / "marts").rglob("*.sql")}
    for name in QUERY.findall(inspect.getsource(module)):
        for path in SQL_FOLDER.glob(re.sub(r"\{[^}]*\}", "*", name) + ".sql"):
            tree = sqlglot.parse_one(path.read_text("utf-8"), read="duckdb")
            yield from {table.name for table in tree.find_all(exp.Table)} & models


if __name__ == "__main__":
    EXPOSURES.write_text(exposures_yaml(), encoding="utf-8")
