"""What a published file says of itself: its run, its marts, its metrics, and table macros."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import duckdb

from models.inserting import insert_rows
from pipelines.transform.marts import Mart

MACROS = Path(__file__).with_name("published_macros.sql")
READ_TABLE = re.compile(r"from main\.(\w+)")
ABOUT = """
create schema meta;
create table meta.publication (
    run_id varchar, published_at timestamp, content_id varchar, erased bigint
);
comment on table meta.publication is 'The run whose marts these are, and when it published.';
comment on column meta.publication.erased is 'People who stood under random words by then.';
create table meta.marts (
    mart varchar, area varchar, one_row_per varchar, answers varchar, final_when varchar,
    event_time varchar, key_columns varchar[], additive_columns varchar[], moving_columns varchar[]
);
comment on table meta.marts is 'One row per table: what it is, what dates and identifies its rows.';
create table meta.semantic_manifest (content varchar);
comment on table meta.semantic_manifest is 'Metrics and their models, in MetricFlow''s JSON.';
"""


def describe(new: Path, marts: Sequence[Mart], *, publication: list[Any], semantics: str) -> None:
    """Write into the new file whose marts it holds and what each of them is. `publication`: the row
    of meta.publication."""
    rows = [
        [m.name, m.area, m.row, m.answers, m.final, m.event_time]
        + [list(columns) for columns in (m.key, m.additive, m.moving)]
        for m in marts
    ]
    with duckdb.connect(str(new)) as con:
        con.execute(ABOUT)
        con.execute("insert into meta.publication values (?, ?, ?, ?)", publication)
        insert_rows(con, "meta.marts", rows=rows)
        if semantics:
            con.execute("insert into meta.semantic_manifest values (?)", [semantics])
        create_macros(con, {mart.name for mart in marts})


def create_macros(con: duckdb.DuckDBPyConnection, marts: Collection[str]) -> None:
    """Create the table macros whose mart is published."""
    for statement in con.extract_statements(MACROS.read_text(encoding="utf-8")):
        if set(READ_TABLE.findall(statement.query)) <= set(marts):
            con.execute(statement)
