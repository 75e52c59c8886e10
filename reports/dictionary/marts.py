"""What the data dictionary says of each mart, read from dbt's manifest and the published file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.words import title_of
from reports.published import Published

Sources = Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
SOURCES_SQL = """
select mart, column_name, list((source_table, source_column) order by source_table, source_column)
from lineage group by all
"""


@dataclass(frozen=True)
class MartColumn:
    """A column of a mart; `sources` are the operational columns (table, column) behind it."""

    name: str
    type: str
    meaning: str
    sources: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MartTest:
    """A data test on a mart."""

    name: str
    description: str


@dataclass(frozen=True)
class Mart:
    """All that is said of one mart."""

    name: str
    area: str
    description: str
    key: tuple[str, ...]
    columns: tuple[MartColumn, ...]
    parents: tuple[str, ...]
    source_tables: tuple[str, ...]
    tests: tuple[MartTest, ...]
    reports: tuple[tuple[str, str], ...]  # pages that show it: file name without ending, title

    @property
    def summary(self) -> str:
        """The first sentence of its description: the grain."""
        return re.split(r"(?<=\.)\s", self.description, maxsplit=1)[0]


def read_marts(manifest: Mapping[str, Any], published: Published | None) -> tuple[Mart, ...]:
    """The marts by name, as the manifest describes them."""
    nodes = {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    }
    sources = column_sources(published) if published else {}
    ancestors = source_tables_of(manifest)
    tests = _tests(manifest)
    shown_in = _exposures(manifest)
    return tuple(
        Mart(
            name,
            _area(node),
            " ".join(node["description"].split()),
            _key(manifest, node),
            tuple(
                MartColumn(
                    column["name"],
                    (column.get("data_type") or "").upper(),
                    " ".join(column["description"].split()),
                    sources.get((name, column["name"]), ()),
                )
                for column in node["columns"].values()
            ),
            tuple(sorted(id.split(".")[-1] for id in node["depends_on"]["nodes"])),
            ancestors[node["unique_id"]],
            tuple(tests.get(node["unique_id"], ())),
            tuple(shown_in.get(node["unique_id"], ())),
        )
        for name, node in sorted(nodes.items())
    )


def column_sources(published: Published) -> Sources:
    """Operational columns by mart and column, from the mart `lineage`; none where there is none."""
    if "lineage" not in published.marts:
        return {}
    rows = published.con.execute(SOURCES_SQL).fetchall()
    return {(mart, column): tuple(found) for mart, column, found in rows}


def source_tables_of(manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The operational tables behind each model, by its id, through all models between."""
    found: dict[str, frozenset[str]] = {}

    def behind(id: str) -> frozenset[str]:
        if id not in found:
            if id.startswith("source."):
                found[id] = frozenset({id.split(".")[-1]})
            else:
                parents = manifest["parent_map"].get(id, ())
                found[id] = frozenset().union(*(behind(parent) for parent in parents))
        return found[id]

    return {id: tuple(sorted(behind(id))) for id in manifest["nodes"]}


def _area(node: Mapping[str, Any]) -> str:
    """The area in words: its folder below marts."""
    return title_of(node["fqn"][2])


def _key(manifest: Mapping[str, Any], node: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that a test of uniqueness holds together."""
    for test in manifest["nodes"].values():
        if test["resource_type"] == "test" and test.get("attached_node") == node["unique_id"]:
            given = test["test_metadata"]
            if given["name"] == "unique_combination":
                return tuple(given["kwargs"]["columns"])
            if given["name"] == "unique":
                return (given["kwargs"]["column_name"],)
    return ()


def _tests(manifest: Mapping[str, Any]) -> dict[str, list[MartTest]]:
    found: dict[str, list[MartTest]] = {}
    for test in sorted(manifest["nodes"].values(), key=lambda node: str(node["name"])):
        if test["resource_type"] == "test":
            for id in test["depends_on"]["nodes"]:
                text = " ".join((test["description"] or "").split())
                found.setdefault(id, []).append(MartTest(test["name"], text))
    return found


def _exposures(manifest: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for exposure in manifest.get("exposures", {}).values():
        for id in exposure["depends_on"]["nodes"]:
            name = exposure["name"].removeprefix("report_")
            found.setdefault(id, []).append((name, exposure["label"]))
    return found
