"""The schema files say everything that the list of tables says, and nothing dangerous."""

import re
from pathlib import Path

import pytest

from models.apply import schema_files, table_of
from models.dictionary import shipped_comments
from models.tables import TABLES, TABLES_BY_NAME
from models.tables.usage import CONVENTIONS


def test_every_table_has_exactly_one_file() -> None:
    tables = [table_of(path) for path in schema_files()]
    assert sorted(filter(None, tables)) == sorted(table.name for table in TABLES)
    names = [path.name for path in schema_files()]
    assert (names[0], names[-1]) == ("000_platform.sql", "900_reader.sql")


@pytest.mark.parametrize("path", schema_files(), ids=lambda path: path.stem)
def test_no_file_drops_truncates_or_deletes(path: Path) -> None:
    statements = re.sub(r"--.*", "", path.read_text("utf-8")).lower()
    assert not re.search(r"\b(drop|truncate|delete from)\b", statements)


def test_every_table_and_column_has_a_comment() -> None:
    comments = shipped_comments()
    for table in TABLES:
        for name in (table.name, *(f"{table.name}.{column.name}" for column in table.columns)):
            assert comments[name].endswith("."), name


def test_the_usage_of_every_table_is_told_and_names_only_what_exists() -> None:
    for name, usage in ((table.name, table.usage) for table in TABLES):
        columns = {column.name for column in TABLES_BY_NAME[name].columns}
        assert usage.sourced_columns <= columns, name
        for facts in (usage.written_by, usage.read_by, usage.changes, usage.cannot_tell):
            assert facts and all(fact.text.endswith(".") for fact in facts), name
    for table, column, target, target_column in CONVENTIONS:
        assert column in {each.name for each in TABLES_BY_NAME[table].columns}
        assert target_column in {each.name for each in TABLES_BY_NAME[target].columns}
