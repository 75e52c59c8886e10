"""Engines differ in dbt_project/macros/dialect, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pipelines.transform.parsed import DBT_PROJECT

DIALECT = DBT_PROJECT / "macros" / "dialect"
MACRO = re.compile(r"\{% macro (\w+)\(")
# What each replaces of dbt's own macros, which dbt dispatches.
ENGINES = {
    "postgres": {"create_table_as"},
    "spark": {"create_table_as", "create_view_as", "persist_docs"},
}


def sql_files() -> list[Path]:
    return sorted(DBT_PROJECT.rglob("*.sql"))


def lines_elsewhere() -> Iterator[tuple[str, str]]:
    """Each line of our SQL outside the dialect, after where it stands."""
    for path in sql_files():
        if path.parent != DIALECT and "target" not in path.parts:
            for line in path.read_text(encoding="utf-8").splitlines():
                yield f"{path.relative_to(DBT_PROJECT)}: {line.strip()}", line


def test_an_engine_is_named_in_the_dialect_alone() -> None:
    names = re.compile(r"target\.(?!schema)|adapter\.|\bduckdb__|\bpostgres__|\bspark__")
    assert [place for place, line in lines_elsewhere() if names.search(line)] == []


def test_what_engines_say_is_dispatched_and_every_word_has_duckdbs() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(DIALECT.glob("*.sql")))
    dispatched = set(re.findall(r'adapter\.dispatch\("(\w+)", "hypnomart"\)', text))
    macros = set(MACRO.findall(text))
    assert len(dispatched) > 20
    assert {name for name in dispatched if f"default__{name}" not in macros} == set()
    for engine, of_dbt in ENGINES.items():
        own = {
            name.removeprefix(f"{engine}__") for name in macros if name.startswith(f"{engine}__")
        }
        assert own - dispatched == of_dbt


def test_a_descending_order_says_where_nulls_stand() -> None:
    """DuckDB puts them last, PostgreSQL first."""
    silent = re.compile(r"\bdesc\b(?! nulls (?:first|last))")
    found = [
        place
        for place, line in lines_elsewhere()
        if silent.search(line) and not line.lstrip().startswith("--")
    ]
    assert found == []


def test_what_has_no_end_is_said_by_the_dialects_words() -> None:
    """An instant of a row may lie before the year 1 and after 9999."""
    literal = re.compile(r"timestamp '(?:0001|9999)")
    found = [
        str(path.relative_to(DBT_PROJECT))
        for path in sql_files()
        if "target" not in path.parts and literal.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
