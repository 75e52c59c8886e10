"""What the data dictionary says of each mart, read from dbt's manifest and the published file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.marts import is_mart
from models.words import title_of
from reports.published import Published
from reports.showing import Showing

Sources = Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
SOURCES_SQL = """
select mart, column_name, list((source_table, source_column) order by source_table, source_column)
from lineage group by all
"""
COLUMNS_SQL = """
select table_name, column_name, data_type from duckdb_columns()
where schema_name = 'main' order by table_name, column_index
"""
CHECKS_SQL = """
select regexp_extract(asset, '^marts/(.*)$', 1), check_name, expected from quality_results
where run_id = (select run_id from quality_results order by checked_at desc, run_id limit 1)
    and suite <> 'dbt' and asset like 'marts/%'
order by all
"""
MARTS_SQL = "select mart, area, answers, key_columns from meta.marts"


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


def read_marts(
    manifest: Mapping[str, Any], published: Published | None, *, pages: Sequence[Showing]
) -> tuple[Mart, ...]:
    """The marts by name, as the manifest describes them, and what else is published, as the file
    itself does. `pages`: the reports' pages with the tables that each shows."""
    nodes = {node["name"]: node for node in manifest["nodes"].values() if is_mart(node)}
    sources = column_sources(published) if published else {}
    checks = checks_of(published) if published else {}
    others = made_beside(published, nodes, pages=pages) if published else []
    ancestors = source_tables_of(manifest)
    tests = _tests(manifest)
    described = [
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
            shown_in(pages, name),
        )
        for name, node in nodes.items()
    ]
    return tuple(
        replace(mart, tests=(*mart.tests, *checks.get(mart.name, ())))
        for mart in sorted([*described, *others], key=lambda mart: mart.name)
    )


def made_beside(
    published: Published, models: Collection[str], *, pages: Sequence[Showing]
) -> list[Mart]:
    """Published tables that are no models of dbt, such as the results of the checks, as the
    published file describes them."""
    columns: dict[str, list[MartColumn]] = {}
    for table, name, kind in published.con.execute(COLUMNS_SQL).fetchall():
        meaning = published.meanings.get((table, name), "")
        columns.setdefault(table, []).append(MartColumn(name, kind, meaning, ()))
    return [
        Mart(
            name,
            title_of(area),
            published.meanings.get((name, ""), answers),
            tuple(key),
            tuple(columns[name]),
            (),
            (),
            (),
            shown_in(pages, name),
        )
        for name, area, answers, key in published.con.execute(MARTS_SQL).fetchall()
        if name not in models
    ]


def checks_of(published: Published) -> dict[str, list[MartTest]]:
    """The checks of the newest run beside dbt's, by the mart that they are about."""
    if "quality_results" not in published.marts:
        return {}
    found: dict[str, list[MartTest]] = {}
    for mart, name, expected in published.con.execute(CHECKS_SQL).fetchall():
        found.setdefault(mart, []).append(MartTest(name, expected))
    return found


def shown_in(pages: Sequence[Showing], mart: str) -> tuple[tuple[str, str], ...]:
    """The pages that show a mart: file names without ending, titles."""
    return tuple((page.name, page.title) for page in pages if mart in page.tables)


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
