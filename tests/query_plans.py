"""Joins in a query plan that compare every row of one side with every row of the other.

DuckDB decides for such a join by the shape of its conditions, not by the number of rows: the plans
over empty tables hold the same ones as those over a business of 100,000 users (compared). So a
plan is read here, and what grows is judged by which tables feed a side.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

Plan = Mapping[str, Any]
LOOPS = {
    "NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN", "IE_JOIN", "PIECEWISE_MERGE_JOIN", "CROSS_PRODUCT",
}  # fmt: skip
ONE_ROW = {"UNGROUPED_AGGREGATE", "DUMMY_SCAN", "COLUMN_DATA_SCAN", "EXPRESSION_SCAN"}
# As many rows as come in, or a number of them that does not depend on the tables.
PASSING = {
    "PROJECTION", "FILTER", "WINDOW", "STREAMING_WINDOW", "ORDER_BY", "UNNEST", "HASH_GROUP_BY",
    "PERFECT_HASH_GROUP_BY", "UNION", "REC_CTE", "HASH_JOIN", *LOOPS,
}  # fmt: skip
ONE_SIDED = {"SEMI", "ANTI", "MARK", "SINGLE"}


def plan_of(con: duckdb.DuckDBPyConnection, sql: str) -> Plan:
    """The physical plan of a query, as DuckDB explains it."""
    row = con.execute(f"explain (format json) {sql}").fetchone()
    assert row is not None
    plan: Plan = json.loads(row[1])[0]
    return plan


def growing_loops(plan: Plan, small: Mapping[str, str]) -> list[str]:
    """The joins of the plan without a side that stays small, with the tables that feed each side.

    `small`: relations, as schema.name, that do not grow with the users, each with the reason.
    """
    scans = _definitions(plan)
    return [
        f"{node['name']} on {_conditions(node)}: "
        + " with ".join(", ".join(sorted(set(_tables(side, scans)))) for side in node["children"])
        for node in _nodes(plan)
        if node["name"] in LOOPS
        and not any(_stays_small(side, small, scans) for side in node["children"])
    ]


def _stays_small(node: Plan, small: Mapping[str, str], scans: Mapping[str, Plan]) -> bool:
    name, children = node["name"], node["children"]
    if name in ONE_ROW or name == "REC_CTE_SCAN":
        return True
    if name == "SEQ_SCAN":
        return _table(node) in small or _table(node).startswith("seeds.")
    if name == "CTE_SCAN":
        return _stays_small(scans[node["extra_info"]["CTE Index"]], small, scans)
    if name == "CTE":
        return _stays_small(children[1], small, scans)
    if node["extra_info"].get("Join Type") in ONE_SIDED:
        return _stays_small(children[0], small, scans)
    return name in PASSING and all(_stays_small(child, small, scans) for child in children)


def _definitions(plan: Plan) -> dict[str, Plan]:
    return {
        node["extra_info"]["Table Index"]: node["children"][0]
        for node in _nodes(plan)
        if node["name"] == "CTE"
    }


def _nodes(node: Plan) -> Iterator[Plan]:
    yield node
    for child in node["children"]:
        yield from _nodes(child)


def _table(node: Plan) -> str:
    """schema.name of a scan, without the catalogue."""
    return str(node["extra_info"].get("Table", node["name"])).split(".", 1)[-1]


def _tables(node: Plan, scans: Mapping[str, Plan]) -> Iterator[str]:
    if node["name"] == "CTE_SCAN":
        yield from _tables(scans[node["extra_info"]["CTE Index"]], scans)
    elif not node["children"]:
        yield _table(node)
    for child in node["children"]:
        yield from _tables(child, scans)


def _conditions(node: Plan) -> str:
    found = node["extra_info"].get("Conditions") or node["extra_info"].get("Condition") or "nothing"
    return found if isinstance(found, str) else " and ".join(found)
