"""The marts copied from the working file into a new one, with their comments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from models.errors import BadConfiguration, ChecksFailed
from models.quoting import literal, quoted
from pipelines.transform.content import table_word
from pipelines.transform.marts import Mart

Comments = dict[tuple[str, str], list[tuple[str, str]]]


def copy_tables(
    warehouse: Path, new: Path, *, marts: Sequence[Mart], contents: Mapping[str, str]
) -> dict[str, int]:
    """Write every mart into the new file; rows by table name."""
    with duckdb.connect(str(new)) as con:
        con.execute("set timezone = 'UTC'")
        con.execute(f"attach {literal(str(warehouse))} as working (read_only)")
        refuse_missing(con, marts)
        rows = {}
        comments = read_comments(con)
        con.execute("begin")
        for mart in (mart for mart in marts if mart.schema):
            con.execute(copy_sql(mart))
            con.execute(comment_sql(mart, comments[mart.schema, mart.name]))
            if mart.name in contents:
                refuse_other(con, mart, approved=contents[mart.name])
            counted = con.execute(f"select count(*) from main.{quoted(mart.name)}").fetchone()
            rows[mart.name] = counted[0] if counted else 0
        con.execute("commit")
        con.execute("detach working")
        con.execute("checkpoint")
    return rows


def refuse_other(con: duckdb.DuckDBPyConnection, mart: Mart, *, approved: str) -> None:
    """Raise ChecksFailed where the copy of a mart does not hold what was approved."""
    if table_word(con, f"main.{quoted(mart.name)}") != approved:
        raise ChecksFailed(
            f"{mart.name} does not hold what was built and checked: something else wrote to the "
            "working file. Run `hypnomart build` and `hypnomart check`, with --engine if another "
            "one built it. Nothing was published, the previous publication stands."
        )


def refuse_missing(con: duckdb.DuckDBPyConnection, marts: Sequence[Mart]) -> None:
    """Raise BadConfiguration where a mart was never built, or the checks never ran."""
    found = con.execute(
        """
        select schema_name, table_name from duckdb_tables() where database_name = 'working'
        union all
        select schema_name, view_name from duckdb_views() where database_name = 'working'
        """
    ).fetchall()
    missing = [mart for mart in marts if mart.schema and (mart.schema, mart.name) not in found]
    if not missing:
        return
    step = "check" if all(mart.schema == "quality" for mart in missing) else "build"
    names = ", ".join(mart.name for mart in missing[:5])
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    raise BadConfiguration(
        f"The working file lacks {names}{more}; run `hypnomart {step}` first. "
        "Nothing was published."
    )


def copy_sql(mart: Mart) -> str:
    """`create table` sorted by time, ties by the key."""
    first = [mart.event_time] if mart.event_time else []
    order = ", ".join(quoted(name) for name in dict.fromkeys([*first, *mart.key]))
    return (
        f"create table main.{quoted(mart.name)} as "
        f"select * from working.{quoted(mart.schema)}.{quoted(mart.name)} order by {order or 'all'}"
    )


def read_comments(con: duckdb.DuckDBPyConnection) -> Comments:
    """The comments of each table and of its columns in the working file, that of the table under
    an empty name."""
    found = con.execute(
        """
        select schema_name, table_name, '', comment from duckdb_tables()
        where database_name = 'working' and comment <> ''
        union all
        select schema_name, table_name, column_name, comment from duckdb_columns()
        where database_name = 'working' and comment <> ''
        """
    )
    comments: Comments = defaultdict(list)
    for schema, table, column, comment in found.fetchall():
        comments[schema, table].append((column, comment))
    return comments


def comment_sql(mart: Mart, comments: Sequence[tuple[str, str]]) -> str:
    """What carries the comments of a table and of its columns over."""
    name = f"main.{quoted(mart.name)}"
    return "".join(
        f"comment on {f'column {name}.{quoted(column)}' if column else f'table {name}'} "
        f"is {literal(text)};\n"
        for column, text in comments
    )
