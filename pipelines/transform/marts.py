"""What is published: each mart as its YAML entry in the dbt project describes it.

`python -m pipelines.transform.marts` writes the table of docs/marts.md anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checks import store
from models.marts import is_mart
from models.words import in_words
from pipelines.base.settings import PROJECT, load_settings

Manifest = Mapping[str, Any]

PAGE = PROJECT / "docs" / "marts.md"
HEADER = "| area | mart: one row per … | answers |\n| --- | --- | --- |\n"
KEY_TESTS = ("unique_combination", "unique")


@dataclass(frozen=True)
class Mart:
    """One published table; `schema`: where it stands in the working file, "" where nowhere.

    `row`: what a row is, in a word; `answers`: the question it answers; `final`: when a row stops
    changing; `event_time`: the column that dates a row, where one does; `key`: what its test says
    is unique; `additive`: the columns whose sum over rows means something; `moving`: those that
    is_complete says nothing of, as a forecast or what a cohort has paid so far; `age`: the column
    of the key that counts on from `event_time` as time passes, where one does.
    """

    name: str
    schema: str
    area: str
    row: str
    answers: str
    final: str
    event_time: str | None
    key: tuple[str, ...]
    additive: tuple[str, ...]
    columns: tuple[str, ...]
    moving: tuple[str, ...] = ()
    age: str | None = None


# Made as the marts are published, from these and those published before.
RESTATEMENTS = Mart(
    name="restatements",
    schema="",
    area="quality",
    row="run, mart, row, measure",
    answers="What changed in a period that was called complete?",
    final="at once",
    event_time=None,
    key=("run_id", "mart", "row_key", "measure"),
    additive=(),
    columns=("run_id", "mart", "row_key", "measure", "old_value", "new_value", "previous_run_id"),
)
SYNC_HISTORY = Mart(
    name="sync_freshness_history",
    schema="",
    area="engagement_and_operations",
    row="snapshot, age",
    answers="Does the app work for its users?",
    final="at once",
    event_time="as_of_at",
    key=("as_of_at", "age_band"),
    additive=("users",),
    columns=("as_of_at", "age_band", "users", "share_rate", "band_number"),
)


def published_marts(manifest: Manifest) -> list[Mart]:
    """Every mart of the project, the tables of the checks, and those made on the way, by name."""
    nodes = mart_nodes(manifest)
    keys = _keys(manifest, nodes)
    marts = [_mart(node, keys.get(id, ())) for id, node in nodes.items()]
    return sorted([*marts, *_of_checks(), RESTATEMENTS, SYNC_HISTORY], key=lambda mart: mart.name)


def mart_nodes(manifest: Manifest) -> dict[str, Manifest]:
    """The models below dbt_project/models/marts by their unique_id."""
    return {id: node for id, node in manifest["nodes"].items() if is_mart(node)}


def _mart(node: Manifest, key: tuple[str, ...]) -> Mart:
    meta = node["config"]["meta"]
    return Mart(
        name=node["name"],
        schema=node["schema"],
        area=node["fqn"][2],
        row=meta.get("row", ""),
        answers=meta.get("answers", ""),
        final=meta.get("final", ""),
        event_time=node["config"].get("event_time"),
        key=key,
        additive=tuple(meta.get("additive", ())),
        columns=tuple(node["columns"]),
        moving=tuple(meta.get("moving", ())),
        age=meta.get("age"),
    )


def _of_checks() -> Iterator[Mart]:
    for table in store.TABLES:
        yield Mart(
            name=table.name,
            schema="quality",
            area="quality",
            row=table.row,
            answers="May these numbers be trusted?",
            final="at once",
            event_time=None,
            key=table.key,
            additive=(),
            columns=tuple(name for name, _, _ in table.columns),
        )


def _keys(manifest: Manifest, models: Mapping[str, Manifest]) -> dict[str, tuple[str, ...]]:
    """The columns of each model's key test: the combination, else its first unique column."""
    found: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata")
        of = node.get("attached_node")
        if test and test["name"] in KEY_TESTS and of in models:
            columns = tuple(test["kwargs"].get("columns") or (node["column_name"],))
            place = list(models[of]["columns"]).index(columns[0])
            rank = KEY_TESTS.index(test["name"]) * 1000 + place
            found.setdefault(of, []).append((rank, columns))
    return {of: min(ranked)[1] for of, ranked in found.items()}


def marts_table(marts: Iterable[Mart]) -> str:
    """The table of docs/marts.md: by area, the marts that answer one question in one row."""
    rows: dict[str, dict[str, list[str]]] = {}
    for mart in sorted(marts, key=lambda mart: (mart.area, mart.name)):
        area = in_words(mart.area)
        names = rows.setdefault(area, {}).setdefault(mart.answers, [])
        names.append(f"`{mart.name}` {mart.row}")
    lines = [
        f"|{'' if number else f' {area}'} | {' · '.join(names)} | {answers} |\n"
        for area, answered in rows.items()
        for number, (answers, names) in enumerate(answered.items())
    ]
    return HEADER + "".join(lines)


def replace_table(page: str, table: str) -> str:
    """The page with the table in place of the one that stands there."""
    before, found, after = page.partition(HEADER)
    if not found:
        raise ValueError(f"There is no table that starts {HEADER!r}.")
    return before + table + after[after.index("\n\n") + 1 :]


if __name__ == "__main__":
    from pipelines.transform.manifest import read_manifest

    table = marts_table(published_marts(read_manifest(load_settings())))
    PAGE.write_text(replace_table(PAGE.read_text("utf-8"), table), encoding="utf-8")
