"""What data tests and checks last said of what the working file holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from checks.result import DbtResult, Severity
from models.marts import is_mart
from pipelines.transform.data_tests import demanded
from pipelines.transform.ledger import Ledger
from pipelines.transform.marts import Manifest
from pipelines.transform.nodes import severity_of

RESULTS_SQL = """
select check_name, content_id = $seen, status, failing_rows from quality.quality_results
where suite <> 'dbt'
qualify row_number() over (
    partition by check_name order by content_id is not distinct from $seen desc, rowid desc
) = 1
"""


@dataclass(frozen=True)
class Said:
    """A check's last result: whether it is about the present content, its status, failing rows."""

    is_current: bool
    status: str
    failing_rows: int


def data_tests(ledger: Ledger, severity: Severity | None = None) -> Iterator[tuple[str, str]]:
    """The data tests of the project, or those of one severity: unique_id and name."""
    for unique_id, node in ledger.manifest["nodes"].items():
        if node["resource_type"] == "test" and severity in (None, severity_of(node)):
            yield unique_id, node["name"]


def dbt_results(ledger: Ledger) -> list[DbtResult]:
    """What each data test of the project last said; one that saw other content says that."""
    results = []
    for unique_id, name in data_tests(ledger):
        node = ledger.manifest["nodes"][unique_id]
        tested = ledger.tested.get(unique_id)
        asset, area = about(ledger.manifest, node)
        status = "that it never ran"
        if tested:
            is_current = tested.content_id == ledger.seen_by(unique_id)
            status = tested.status if is_current else "that it saw other content"
        results.append(
            DbtResult(
                name,
                demanded(node),
                area,
                asset,
                severity_of(node),
                status,
                tested.failing_rows if tested else 0,
                tested.failing_keys if tested else "",
                tested.content_id if tested else "",
            )
        )
    return results


def about(manifest: Manifest, test: Manifest) -> tuple[str, str]:
    """The asset and the area of a data test: of its model, or of the last mart that it reads, the
    last model where it reads none."""
    parents = [id for id in test["depends_on"]["nodes"] if id in manifest["nodes"]]
    parents.sort(key=lambda id: is_mart(manifest["nodes"][id]))
    of = test.get("attached_node") or (parents[-1] if parents else "")
    node = manifest["nodes"].get(of)
    if node is None or len(node["fqn"]) < 3:
        return "marts/run_manifest", "quality"
    return f"{node['fqn'][1]}/{node['name']}", node["fqn"][2] if is_mart(node) else "quality"


def check_results(con: duckdb.DuckDBPyConnection, seen: str) -> dict[str, Said]:
    """The last result of each check, one on the present content before any other."""
    found = con.execute(
        "select 1 from duckdb_columns() where schema_name = 'quality' "
        "and table_name = 'quality_results' and column_name = 'content_id'"
    ).fetchone()
    if not found:
        return {}
    rows = con.execute(RESULTS_SQL, {"seen": seen}).fetchall()
    return {name: Said(bool(current), status, rows) for name, current, status, rows in rows}
