"""Words for content: what a table holds, and the code that made it.

A table's word comes from its columns, its number of rows and the sum of its rows' hashes, in
whatever order they lie: 0.3 s for a million rows of marts on two cores.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from models.quoting import quoted
from pipelines.base.settings import DUCKDB, PROJECT, Settings
from pipelines.transform.marts import Manifest

# What of a node's configuration changes its rows, or what its result means.
CONFIG = (
    "materialized", "severity", "where", "limit", "fail_calc", "error_if", "warn_if",
    "column_types", "delimiter", "quote_columns",
)  # fmt: skip


def word(*parts: object) -> str:
    """Sixteen hexadecimal digits that stand for the parts."""
    text = json.dumps(parts, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def table_word(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """What a table holds; `name` is quoted and may name the database."""
    columns = [row[:2] for row in con.execute(f"describe {name}").fetchall()]
    counted = con.execute(f"select count(*), sum(hash(t)) from {name} as t").fetchone()
    return word(columns, counted)


def view_words(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    """What each view asks for, as it stands, by schema and name; asked at once, since DuckDB
    writes down all of them for one."""
    found = con.execute(
        "select schema_name, view_name, sql from duckdb_views() "
        "where database_name = current_database() and not internal"
    ).fetchall()
    return {(schema, name): word((sql,)) for schema, name, sql in found}


def relation(node: Mapping[str, Any]) -> str:
    """A model's or seed's relation in the working file, quoted."""
    return f"{quoted(node['schema'])}.{quoted(node['alias'])}"


class Code:
    """The code of the project's nodes, each with the macros that it reaches and the variables.

    A node's word is that of when it was first asked for: what changes meanwhile is other code.
    """

    def __init__(self, manifest: Manifest, settings: Settings) -> None:
        self.manifest = manifest
        self._words: dict[str, str] = {}
        self._macros: Mapping[str, Any] = manifest["macros"]
        project = (PROJECT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8")
        version = manifest["metadata"].get("dbt_version")
        of_engine = [] if settings.engine == DUCKDB else [self._dialect(settings.engine)]
        self._all = word(project, dict(settings.dbt_vars), version, *of_engine)

    def word(self, node: Mapping[str, Any]) -> str:
        """The word of a model, a seed or a test: it changes with what dbt would run."""
        if node["unique_id"] not in self._words:
            self._words[node["unique_id"]] = self._word(node)
        return self._words[node["unique_id"]]

    def _word(self, node: Mapping[str, Any]) -> str:
        config = {name: node["config"].get(name) for name in CONFIG}
        types = {name: column.get("data_type") for name, column in node["columns"].items()}
        arguments = (node.get("test_metadata") or {}).get("kwargs")
        macros = [
            (name, self._macros[name]["macro_sql"])
            for name in sorted(self._reached(node["depends_on"].get("macros", [])))
        ]
        own = (node.get("raw_code"), _checksum(node))
        return word(self._all, own, config, types, arguments, macros)

    def _dialect(self, engine: str) -> list[tuple[str, str]]:
        """What the project says in the words of another engine than the one that it was parsed for:
        no node names those macros, since dbt dispatches."""
        start = f"macro.hypnomart.{engine}__"
        return [
            (name, self._macros[name]["macro_sql"])
            for name in sorted(self._macros)
            if name.startswith(start)
        ]

    def _reached(self, names: list[str]) -> set[str]:
        """These macros and those they call, of this project alone: dbt's own go by its version."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found and name.startswith("macro.hypnomart.") and name in self._macros:
                found.add(name)
                waiting += self._macros[name]["depends_on"]["macros"]
        return found


def _checksum(node: Mapping[str, Any]) -> str:
    """Of a seed's file: dbt's own checksum of one beyond a megabyte is that of its path."""
    if node["resource_type"] != "seed":
        return str(node["checksum"]["checksum"])
    path = Path(node["root_path"], node["original_file_path"])
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "gone"
