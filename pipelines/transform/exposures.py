"""dbt's exposures from the reports; `python -m pipelines.transform.exposures` writes them."""

from __future__ import annotations

from typing import Any

import yaml

from models.marts import MARTS
from pipelines.base.settings import PROJECT
from reports.showing import Showing
from reports.shown import showings

FOLDER = PROJECT / "dbt_project" / "models" / MARTS
EXPOSURES = FOLDER / "_exposures.yml"
HEADER = "# Written by pipelines/transform/exposures.py from reports/.\n"


def exposures_yaml() -> str:
    """The file's whole text: each page with the marts of the dbt project that it shows."""
    models = {path.stem for path in FOLDER.rglob("*.sql")}
    pages = [_exposure(page, models) for page in showings()]
    body = yaml.safe_dump({"version": 2, "exposures": pages}, sort_keys=False, width=100)
    return HEADER + body


def _exposure(page: Showing, models: set[str]) -> dict[str, Any]:
    """A page; tables that are made beside dbt are none of its models."""
    return {
        "name": f"report_{page.name}",
        "label": page.title,
        "type": "dashboard",
        "maturity": "high",
        "description": page.question,
        "owner": {"name": "hypnomart"},
        "depends_on": [f"ref('{mart}')" for mart in sorted(page.tables & models)],
    }


if __name__ == "__main__":
    EXPOSURES.write_text(exposures_yaml(), encoding="utf-8")
