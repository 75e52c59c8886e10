"""A small dbt manifest for tests of the site, and what holds of every page that was written."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

MANIFEST: dict[str, Any] = {
    "nodes": {
        "model.hypnomart.dim_courses": {
            "name": "dim_courses", "resource_type": "model",
            "unique_id": "model.hypnomart.dim_courses",
            "fqn": ["hypnomart", "marts", "dimensions", "dim_courses"],
            "description": "One row per course. Holders too.",
            "columns": {"course_code": {
                "name": "course_code", "data_type": "varchar", "description": "Code of the course.",
            }},
            "depends_on": {"nodes": ["model.hypnomart.stg_courses"]},
        },
        "model.hypnomart.course_engagement": {
            "name": "course_engagement", "resource_type": "model",
            "unique_id": "model.hypnomart.course_engagement", "description": "One row per course.",
            "fqn": ["hypnomart", "marts", "engagement_and_operations", "course_engagement"],
            "columns": {}, "depends_on": {"nodes": ["model.hypnomart.stg_courses"]},
        },
        "model.hypnomart.stg_courses": {
            "name": "stg_courses", "resource_type": "model",
            "unique_id": "model.hypnomart.stg_courses",
            "fqn": ["hypnomart", "staging", "stg_courses"], "description": "", "columns": {},
            "depends_on": {"nodes": ["source.hypnomart.raw.courses"]},
        },
        "test.hypnomart.unique_dim_courses": {
            "name": "unique_dim_courses",
            "fqn": ["hypnomart", "unique_dim_courses"],
            "resource_type": "test", "description": "No code twice.",
            "attached_node": "model.hypnomart.dim_courses", "unique_id": "test.hypnomart.u",
            "test_metadata": {"name": "unique", "kwargs": {"column_name": "course_code"}},
            "depends_on": {"nodes": ["model.hypnomart.dim_courses"]},
        },
    },
    "parent_map": {
        "model.hypnomart.dim_courses": ["model.hypnomart.stg_courses"],
        "model.hypnomart.course_engagement": ["model.hypnomart.stg_courses"],
        "model.hypnomart.stg_courses": ["source.hypnomart.raw.courses"],
    },
    "exposures": {},
}  # fmt: skip


class Links(HTMLParser):
    """The targets of a page's links, and the ids that may be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids |= {given["id"] or ""} if "id" in given else set()
        if tag == "a":
            self.targets.append(given["href"] or "")


def dead_links(folder: Path) -> list[str]:
    """Links of pages below a folder that lead to no file, or to no place within it."""
    pages = {path.resolve(): Links(path.read_text("utf-8")) for path in folder.rglob("*.html")}
    dead = []
    for path, links in pages.items():
        for target in links.targets:
            name, _, place = target.partition("#")
            found = (path.parent / name).resolve() if name else path
            if not found.exists() or (place and place not in pages[found].ids):
                dead.append(f"{path.name}: {target}")
    return dead
