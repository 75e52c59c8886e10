"""What dbt knows of the tables' contract; `python -m pipelines.extract.dbt_sources` writes it.

What a column means is said once, by its comment in models/schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from models.dictionary import shipped_comments
from models.tables import TABLES, Table
from pipelines.base.settings import PROJECT
from pipelines.extract.state.layout import raw_columns

SOURCES = PROJECT / "dbt_project" / "models" / "staging" / "_sources.yml"
TABLES_MACROS = PROJECT / "dbt_project" / "macros" / "source_tables.sql"
WRITTEN = "Written by pipelines/extract/dbt_sources.py from models/tables and models/schema."
STALE_AFTER_HOURS = 36
# As generate_schema_name writes those of models.
PREFIX = "{{ env_var('HYPNOMART_SCHEMA_PREFIX', '') }}"


def sources_yaml() -> str:
    """The file's whole text: raw.* with every column's meaning, past.*, history.*, meta.*."""
    comments = shipped_comments()
    versions = [table for table in TABLES if table.has_history]
    sources = [
        _source(
            "raw",
            "The operational tables as the newest extraction saw them; written by the pipeline.",
            tables=[_raw(table, comments) for table in TABLES],
            loader="hypnomart",
            config={"freshness": {"warn_after": {"count": STALE_AFTER_HOURS, "period": "hour"}}},
        ),
        _source(
            "past",
            "Versions of rows that no longer stand, and a tombstone (_op delete) of each row that "
            "an extraction missed; it repeats the values seen last.",
            tables=_named(table.name for table in versions),
        ),
        _source(
            "history",
            "Every version of a row that an extraction saw; _op, _seen_at and _run_id say what, "
            "when and by which run.",
            tables=_named(table.name for table in versions),
        ),
        _source(
            "meta",
            "What the extraction says of itself.",
            tables=_named(["run_manifest", "lineage"]),
        ),
    ]
    body = yaml.safe_dump(
        {"version": 2, "sources": sources}, sort_keys=False, width=100, allow_unicode=True
    )
    return f"# {WRITTEN}\n{body}"


def tables_macros() -> str:
    """The text of macros that name the tables and their keys of text: dbt knows its sources only
    once it runs, and by then it must have been told which of them a model reads."""
    names = [table.name for table in TABLES]
    keys = [key for table in TABLES for key in _text_keys(table)]
    return (
        f"{{# {WRITTEN} #}}\n"
        f"{_macro('source_tables', names)}\n"
        "{# What is unique by text: the row's id, whose row it is, per whom it is unique. #}\n"
        f"{_macro('text_keys', keys)}"
    )


def _macro(name: str, values: Iterable[object]) -> str:
    lines = "".join(f"    {json.dumps(value)},\n" for value in values)
    return f"{{% macro {name}() %}}{{{{ return([\n{lines}]) }}}}{{% endmacro %}}\n"


def _text_keys(table: Table) -> Iterator[dict[str, object]]:
    types = {column.name: column.type for column in table.columns}
    for key in (table.key, *table.unique):
        if texts := [name for name in key if types[name] == "text"]:
            owner = next((name for name in key if name not in texts), "null")
            user = "user_id" if "user_id" in types else "null"
            yield {"table": table.name, "id": table.key[0], "user": user, "owner": owner,
                   "texts": texts}  # fmt: skip


def _source(name: str, description: str, *, tables: list[Any], **more: Any) -> dict[str, Any]:
    schema = PREFIX + name
    return {"name": name, "description": description, "schema": schema, **more, "tables": tables}


def _named(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def _raw(table: Table, comments: Mapping[str, str]) -> dict[str, Any]:
    query = f"select max(finished_at) from meta.run_manifest where table_name = '{table.name}'"
    derived = {column.name: "Computed by the extraction; the text itself never leaves the source."
               for column in table.derived}  # fmt: skip
    return {
        "name": table.name,
        "description": comments[table.name],
        "config": {"loaded_at_query": query},
        "columns": [
            {
                "name": column.name,
                "description": derived.get(column.name)
                or _comment(table, column.name, comments=comments),
            }
            for column in raw_columns(table)
        ],
    }


def _comment(table: Table, column: str, *, comments: Mapping[str, str]) -> str:
    """The meaning of an extracted column; of a secret, that of what its hash stands for."""
    said = comments.get(f"{table.name}.{column}")
    if said:
        return said
    hashed = column.removesuffix("_hash")
    return f"Keyed hash; the source's column: {comments[f'{table.name}.{hashed}']}"


if __name__ == "__main__":
    SOURCES.write_text(sources_yaml(), encoding="utf-8")
    TABLES_MACROS.write_text(tables_macros(), encoding="utf-8")
