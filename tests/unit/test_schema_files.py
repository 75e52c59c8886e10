"""The schema files say everything that the list of tables says, and nothing dangerous."""

import re
from pathlib import Path

import pytest

from models.apply import schema_files, table_of
from models.dictionary import dictionary_text, shipped_comments, shipped_references
from models.tables import TABLES


def test_every_table_has_exactly_one_file() -> None:
    tables = [table_of(path) for path in schema_files()]
    assert sorted(filter(None, tables)) == sorted(table.name for table in TABLES)
    names = [path.name for path in schema_files()]
    assert (names[0], names[-1]) == ("000_platform.sql", "900_reader.sql")


@pytest.mark.parametrize("path", schema_files(), ids=lambda path: path.stem)
def test_no_file_drops_truncates_or_deletes(path: Path) -> None:
    statements = re.sub(r"--.*", "", path.read_text("utf-8")).lower()
    assert not re.search(r"\b(drop|truncate|delete from)\b", statements)


def test_the_reader_names_all_tables() -> None:
    text = schema_files()[-1].read_text("utf-8")
    assert sorted(re.findall(r"'(\w+)'", text.split("];")[0].split("array[")[1])) == sorted(
        table.name for table in TABLES
    )


def test_the_dictionary_describes_every_column_and_its_fate() -> None:
    text = dictionary_text(shipped_comments(), [])
    for table in TABLES:
        section = text.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
        for column in table.columns:
            (row,) = [
                line for line in section.splitlines() if line.startswith(f"| `{column.name}`")
            ]
            cells = [cell.strip() for cell in row.strip("|").split(" | ")]
            assert len(cells) == 7 and cells[-1].endswith("."), row
            assert (
                cells[5]
                == {"keep": "kept", "secret": "hashed", "pii": "never leaves"}[column.policy]
            )


def test_the_dictionary_shows_who_may_do_what() -> None:
    text = dictionary_text(shipped_comments(), [])
    (row,) = [line for line in text.splitlines() if line.startswith("| [user_profile]")]
    assert row == (
        "| [user_profile](#user_profile) | - / - | SIU / - | SIUD / SIUD | S / S | SIUD / SIUD |"
    )
    assert sum(line.startswith("| [") for line in text.splitlines()) == len(TABLES) == 21
    assert "not role, referral_code, referred_by_code, created_at (INFERRED)" in text


def test_the_dictionary_cannot_be_broken_by_a_comment() -> None:
    text = dictionary_text({"courses.title": "a | b\n<script>"}, ["x | <y>"])
    assert "a \\| b &lt;script>" in text
    assert "- x \\| &lt;y>" in text


def test_foreign_keys_are_read_from_the_files() -> None:
    references = shipped_references()
    assert references["custom_course_purchases.course_id"] == "custom_courses.id"
    assert references["course_purchases.course_code"] == "courses.course_code"
    assert references["user_profile.user_id"] == "auth.users.id"
    assert "analytics.course_code" not in references  # by convention only
    assert "server_logs.user_id" not in references
