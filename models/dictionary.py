"""The data dictionary of the operational tables: what each column holds and what becomes of it."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg

from models.access import COMMANDS, ROLES, may
from models.apply import literal, schema_files, table_comment, table_of
from models.drift import catalogue_rows, compare_schema
from models.errors import SourceUnavailable
from models.tables import TABLES, Column, Table

FATE = {"keep": "kept", "secret": "hashed", "pii": "never leaves"}
INTRODUCTION = """# Data dictionary of the operational database

{count} tables in schema `public`. What becomes of a column when the pipeline reads it:
**kept** is extracted as it is, **hashed** arrives as a keyed hash named `<column>_hash`, and
**never leaves** stays in PostgreSQL. Of such columns only what is listed under *computed at the
source* is taken. Written by `hypnomart schema docs`.
"""
HEADING = (
    "| column | type | null | default | key | extraction | description |\n"
    "| --- | --- | --- | --- | --- | --- | --- |\n"
)


def write_dictionary(path: Path, *, url: str | None = None) -> Path:
    """Write the dictionary as Markdown, replacing the file at once.

    With a URL the live database's own comments are shown and its differences listed; without
    one, the schema as it is shipped. Raises SourceUnavailable.
    """
    comments = shipped_comments()
    differences: list[str] = []
    if url is not None:
        comments |= live_comments(url)
        differences = [str(difference) for difference in compare_schema(url)]
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_text(dictionary_text(comments, differences), encoding="utf-8")
    unfinished.replace(path)
    return path


def dictionary_text(comments: dict[str, str], differences: list[str]) -> str:
    """The dictionary; `comments` by table and by table.column."""
    parts = [INTRODUCTION.format(count=len(TABLES))]
    parts.append("".join(f"- [{table.name}](#{table.name})\n" for table in TABLES))
    if differences:
        listed = "".join(f"- {_cell(difference)}\n" for difference in differences)
        parts.append(f"## Differences of this database\n\n{listed}")
    parts.append(access_text())
    references = shipped_references()
    parts += [_section(table, comments, references) for table in TABLES]
    return "\n".join(parts)


def access_text() -> str:
    """The matrix of tables and roles: what each may do with an own row and with another's."""
    parts = [
        "## Who may do what\n",
        "S select, I insert, U update, D delete; before the stroke on rows of the signed-in user, "
        "after it on others. Row-level security decides; `-` is nothing.\n",
        f"| table | {' | '.join(ROLES)} |\n| --- |{' --- |' * len(ROLES)}",
    ]
    for table in TABLES:
        cells = []
        for role in ROLES:
            letters = [
                "".join(c[0].upper() for c in COMMANDS if may(table, role, c, own=own)) or "-"
                for own in (True, False)
            ]
            cells.append(" / ".join(letters))
        parts.append(f"| [{table.name}](#{table.name}) | {' | '.join(cells)} |")
    return "\n".join(parts) + "\n"


def shipped_comments() -> dict[str, str]:
    """The comments that the schema files put on tables and columns."""
    pattern = re.compile(r"comment on column public\.(\S+) is\s+(.+?);\n", re.DOTALL)
    comments = {}
    for path in schema_files():
        if table := table_of(path):
            comments[table] = table_comment(path)
            for name, text in pattern.findall(path.read_text("utf-8")):
                comments[name] = literal(text)
    return comments


def shipped_references() -> dict[str, str]:
    """Where the foreign keys of the schema files point to, by table.column."""
    pattern = re.compile(r"^    (\w+) .*references (?:public\.)?(\S+) \((\w+)\)", re.MULTILINE)
    return {
        f"{table_of(path)}.{column}": f"{target}.{key}"
        for path in schema_files()
        if table_of(path)
        for column, target, key in pattern.findall(path.read_text("utf-8"))
    }


def live_comments(url: str) -> dict[str, str]:
    """The comments of a live database, without empty ones. Raises SourceUnavailable."""
    try:
        with psycopg.connect(url, application_name="hypnomart") as conn:
            conn.read_only = True
            tables = {name: text for name, _, text in catalogue_rows(conn, "tables")}
            columns = {f"{row[0]}.{row[1]}": row[5] for row in catalogue_rows(conn, "columns")}
    except psycopg.Error as error:
        reason = str(error).strip().split("\n")[0]
        raise SourceUnavailable(f"The source's comments cannot be read: {reason}") from error
    return {name: text for name, text in (tables | columns).items() if text}


def _section(table: Table, comments: dict[str, str], references: dict[str, str]) -> str:
    rows = "".join(_row(table, column, comments, references) for column in table.columns)
    policies = ", ".join(table.policies)
    access = f"users may {policies} their own rows" if policies else "the server only"
    if table.server_set:
        access += f", not {', '.join(table.server_set)} (INFERRED), which the server sets"
    history = "every version seen is kept" if table.has_history else f"none: {table.no_history}"
    facts = f"Access: {access}. History: {history}.\n"
    if table.derived:
        derived = ", ".join(f"`{column.name}` {column.type}" for column in table.derived)
        facts += f"\nComputed at the source: {derived}.\n"
    purpose = _cell(comments.get(table.name, ""))
    return f"## {table.name}\n\n{purpose}\n\n{facts}\n{HEADING}{rows}"


def _row(table: Table, column: Column, comments: dict[str, str], references: dict[str, str]) -> str:
    name = f"{table.name}.{column.name}"
    keys = ["primary"] if column.name in table.key else []
    keys += [
        "unique" if len(key) == 1 else f"unique ({', '.join(key)})"
        for key in table.unique
        if column.name in key
    ]
    keys += [f"-> {references[name]}"] if name in references else []
    cells = (
        f"`{column.name}`",
        column.type,
        "yes" if column.is_nullable else "no",
        f"`{column.default}`" if column.default else "",
        ", ".join(keys),
        FATE[column.policy],
        _cell(comments.get(name, "")),
    )
    return "| " + " | ".join(cells) + " |\n"


def _cell(text: str) -> str:
    """Text that can break neither a table nor the page."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("<", "&lt;").strip()
