"""What was built and tested, on which content: meta.built and meta.tested in the working file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import duckdb

from checks.code import CODE_ID
from pipelines.transform.check_models import check_models
from pipelines.transform.content import Code, word
from pipelines.transform.marts import Manifest
from pipelines.transform.nodes import severity_of

DDL = """
create schema if not exists meta;
create table if not exists meta.built (
    unique_id varchar primary key, build_id varchar, run_id varchar, built_at timestamp,
    code_id varchar, inputs_id varchar, content_id varchar
);
create table if not exists meta.tested (
    unique_id varchar primary key, build_id varchar, run_id varchar, tested_at timestamp,
    status varchar, failing_rows bigint, failing_keys varchar, content_id varchar
);
"""
SNAPSHOT = "select as_of_at, run_id from meta.run_manifest order by as_of_at desc, run_id limit 1"


@dataclass(frozen=True)
class Built:
    """A model or seed as it was last built: `code_id` of its code, `inputs_id` of what it read,
    `content_id` of its rows, of a view of its SQL."""

    build_id: str
    run_id: str
    code_id: str
    inputs_id: str
    content_id: str


@dataclass(frozen=True)
class Tested:
    """What a data test last said, and of which content."""

    status: str
    failing_rows: int
    failing_keys: str
    content_id: str


@dataclass(frozen=True)
class Ledger:
    """The working file's record of builds and tests, against a manifest of the project.

    `snapshot` stands for raw.*, which nothing but an extraction and an erasure writes; an erasure
    drops every table that is built from it.
    """

    manifest: Manifest
    code: Code
    snapshot: str
    built: dict[str, Built] = field(default_factory=dict)
    tested: dict[str, Tested] = field(default_factory=dict)

    def content_of(self, unique_id: str) -> str:
        """The word of what a node holds now; empty where it was never built.

        A view holds whatever its parents hold; a source what the newest snapshot brought.
        """
        if unique_id in self.manifest["sources"]:
            return self.snapshot
        built = self.built.get(unique_id)
        if built is None:
            return ""
        if is_view(self.manifest["nodes"][unique_id]):
            return word(built.code_id, self.inputs_of(unique_id))
        return built.content_id

    def inputs_of(self, unique_id: str) -> str:
        """The word of all that a node reads."""
        parents = self.manifest["nodes"][unique_id]["depends_on"].get("nodes", [])
        return word(sorted((parent, self.content_of(parent)) for parent in parents))

    def seen_by(self, test_id: str) -> str:
        """The content that a data test of this code sees now."""
        return word(self.code.word(self.manifest["nodes"][test_id]), self.inputs_of(test_id))

    @property
    def whole(self) -> str:
        """The content of everything at once."""
        ids = [node_id for node_id, node in self.manifest["nodes"].items() if is_built(node)]
        return word(self.snapshot, sorted((one, self.content_of(one)) for one in ids))

    @property
    def seen_by_checks(self) -> str:
        """The content that the checks of this code see now, and what the project asks of it: a
        check or data test that went or became a warning since leaves no approval behind."""
        nodes = self.manifest["nodes"].values()
        tests = [node for node in nodes if node["resource_type"] == "test"]
        asked = sorted((test["unique_id"], severity_of(test)) for test in tests)
        return word(CODE_ID, list(map(asdict, check_models(self.manifest))), asked, self.whole)


def is_built(node: Mapping[str, Any]) -> bool:
    """Whether a node is a model or a seed."""
    return node["resource_type"] in ("model", "seed")


def is_view(node: Mapping[str, Any]) -> bool:
    """Whether a node is a view, which holds whatever its parents hold."""
    return bool(node["config"]["materialized"] == "view")


def read_ledger(con: duckdb.DuckDBPyConnection, code: Code) -> Ledger:
    """The ledger as the working file holds it; an empty one before the first build."""
    con.execute(DDL)
    found = con.execute(SNAPSHOT).fetchone()
    ledger = Ledger(code.manifest, code, word(found))
    for unique_id, *values in con.execute(
        "select unique_id, build_id, run_id, code_id, inputs_id, content_id from meta.built"
    ).fetchall():
        ledger.built[unique_id] = Built(*values)
    for unique_id, *values in con.execute(
        "select unique_id, status, failing_rows, failing_keys, content_id from meta.tested"
    ).fetchall():
        ledger.tested[unique_id] = Tested(*values)
    return ledger
