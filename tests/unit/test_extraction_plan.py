"""The pure part of the extraction: what is read, by which SQL, and when a watermark is void."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import (
    BadConfiguration,
    ConnectionDropped,
    SourceChanged,
    SourceUnavailable,
    WarehouseLocked,
)
from models.quoting import literal, quoted
from models.tables import TABLES, TABLES_BY_NAME, Table
from pipelines.extract.load.audit import Audited, agrees, counted
from pipelines.extract.load.columns import layout_changes
from pipelines.extract.load.plan import TablePlan, plan_table, plan_tables
from pipelines.extract.load.questions import among
from pipelines.extract.load.select import remote_select
from pipelines.extract.load.table_load import TableLoad
from pipelines.extract.source.ages import age_sql, xmin_sql
from pipelines.extract.source.catalogue import SourceColumn, SourceTable
from pipelines.extract.source.connection import connection_string, described, extension_file
from pipelines.extract.source.faults import translated
from pipelines.extract.source.readers import Reader
from pipelines.extract.source.snapshot import Snapshot
from pipelines.extract.source.types import is_accepted, reading
from pipelines.extract.state.layout import raw_columns
from pipelines.extract.state.watermarks import Watermark, why_all

KINDS = {
    "timestamptz": "timestamp with time zone",
    "uuid": "uuid",
    "text": "text",
    "integer": "integer",
    "boolean": "boolean",
    "json": "json",
    "jsonb": "jsonb",
}


def live(table: Table, **kinds: str | None) -> SourceTable:
    """A table as the contract has it, save for the columns named: another kind, None for gone."""
    columns = []
    for position, column in enumerate(table.columns, start=1):
        kind = KINDS.get(column.type, "numeric")
        declared = column.type if kind == "numeric" else kind
        changed = kinds.pop(column.name, kind)
        if changed is not None:
            declared = declared if changed == kind else changed
            columns.append(
                SourceColumn(column.name, changed, declared, column.is_nullable, position)
            )
    columns += [
        SourceColumn(name, str(kind), str(kind), True, 90 + number)
        for number, (name, kind) in enumerate(kinds.items())
    ]
    keys = frozenset({tuple(sorted(table.key))})
    return SourceTable(table.name, 4711, tuple(columns), unique_keys=keys)


def everything(**changed: SourceTable) -> list[SourceTable]:
    return [changed.get(table.name, live(table)) for table in TABLES]


def test_the_plan_of_every_table_has_the_columns_of_its_layout() -> None:
    for table in TABLES:
        assert plan_table(table, live(table)).raw == raw_columns(table)


def test_no_plan_selects_a_personal_column_or_a_bare_token() -> None:
    for table in TABLES:
        outer = remote_select(plan_table(table, live(table))).split(" from (select xmin")[0]
        derived = " ".join(column.sql for column in table.derived)
        for column in table.columns:
            if column.policy == "pii":
                assert f'"{column.name}"' not in outer
                assert f" {column.name} " not in outer or column.name in derived
            if column.policy == "secret":
                assert f'as "{column.name}"' not in outer
                assert f"encode(sha256(convert_to(\"{column.name}\", 'UTF8')), 'hex')" in outer


def test_every_loss_is_named_in_one_message() -> None:
    usage = live(TABLES_BY_NAME["ai_usage"], weekly_used_credits=None, bank_used_credits="text")
    tables = [table for table in everything(ai_usage=usage) if table.name != "cohorts"]
    with pytest.raises(SourceChanged) as caught:
        plan_tables(tables)
    message = str(caught.value)
    assert "ai_usage: column weekly_used_credits is gone from the source" in message
    assert "column bank_used_credits is text at the source, the contract says integer" in message
    assert "cohorts: the table is gone from the source" in message
    assert "hypnomart schema check" in message.replace("Run", "run")
    assert caught.value.exit_code == 5


def test_a_database_of_something_else_is_told_in_one_sentence() -> None:
    with pytest.raises(SourceChanged, match="none of the app's tables") as caught:
        plan_tables([])
    assert "HYPNOMART_SOURCE_URL" in str(caught.value)


def test_missing_rights_and_hidden_rows_are_refused_by_name() -> None:
    refused = replace(live(TABLES_BY_NAME["courses"]), may_select=False)
    with pytest.raises(SourceUnavailable, match="does not grant SELECT on courses"):
        plan_tables(everything(courses=refused))
    hidden = replace(live(TABLES_BY_NAME["ai_usage"]), hides_rows=True)
    with pytest.raises(SourceUnavailable, match="hides rows of ai_usage"):
        plan_tables(everything(ai_usage=hidden))


@pytest.mark.parametrize(
    ("wanted", "kind", "accepted"),
    [
        ("integer", "bigint", True),
        ("integer", "smallint", True),
        ("integer", "numeric", False),
        ("integer", "text", False),
        ("text", "character varying", True),
        ("text", "public.citext", True),
        ("text", "enum", True),
        ("text", "uuid", False),
        ("numeric(12,4)", "numeric", True),
        ("numeric(12,4)", "double precision", False),
        ("timestamptz", "timestamp without time zone", False),
        ("json", "jsonb", True),
        ("json", "text", False),
        ("uuid", "text", False),
        ("boolean", "integer", False),
    ],
)
def test_widening_types_are_taken_and_others_refused(
    wanted: str, kind: str, accepted: bool
) -> None:
    assert is_accepted(wanted, kind) is accepted


def extra(plan: TablePlan) -> list[tuple[str, str]]:
    """The columns that the contract does not know, with their types."""
    known = {c.name for c in plan.table.columns} | {d.name for d in plan.table.derived}
    known |= {f"{name}_hash" for name in known}
    return [(c.name, c.type) for c in plan.columns if c.name not in known]


def test_a_new_column_is_taken_unless_its_name_announces_a_person() -> None:
    table = TABLES_BY_NAME["user_profile"]
    plan = plan_table(
        table,
        live(table, loyalty_level="integer", push_token="text", nickname="text", extra="jsonb"),
    )
    assert [name for name, _ in extra(plan)] == ["loyalty_level"]
    notes = " ".join(plan.notes)
    assert all(f"user_profile.{name}" in notes for name in ("push_token", "nickname", "extra"))
    courses = TABLES_BY_NAME["courses"]
    taken = plan_table(courses, live(courses, campaign="text", options="jsonb", level="point"))
    assert extra(taken) == [
        ("campaign", "VARCHAR"),
        ("options", "VARCHAR"),
        ("level", "VARCHAR"),
    ]


def test_a_new_column_whose_name_is_taken_is_left() -> None:
    """DuckDB tells no cases apart, and has columns of its own."""
    table = TABLES_BY_NAME["ai_usage"]
    plan = plan_table(table, live(table, User_Id="uuid", Tier="text", tier="text", RowId="bigint"))
    assert extra(plan) == [("Tier", "VARCHAR")]
    for name in ("User_Id", "tier", "RowId"):
        assert f"ai_usage.{name}: new at the source, its name is taken" in plan.notes


def test_nullability_is_reported_against_the_contract() -> None:
    table = TABLES_BY_NAME["ai_usage"]
    columns = tuple(
        replace(c, is_nullable=True) if c.name == "user_id" else c for c in live(table).columns
    )
    plan = plan_table(table, replace(live(table), columns=columns))
    assert plan.notes == (
        "ai_usage.user_id: may be null at the source, the contract says not null",
    )


def test_numbers_are_cast_where_they_still_have_their_digits() -> None:
    narrow, wide = reading("numeric", "numeric(12,4)"), reading("numeric", "numeric")
    assert narrow.remote.endswith("::numeric(38,9)") and narrow.type == "DECIMAL(38,9)"
    assert "round" not in narrow.exact_sql("x") and "round(x, 9)" in wide.exact_sql("x")


@given(next_xid=st.integers(3, 2**32 - 1), back=st.integers(0, 2**31 - 2))
def test_an_age_gives_back_its_xmin_across_the_wrap(next_xid: int, back: int) -> None:
    xmin = (next_xid - back) % 2**32
    if xmin < 3:
        return
    with duckdb.connect() as con:
        found = con.execute(
            f"select {age_sql('x', next_xid)}, {xmin_sql('a', next_xid)} "
            f"from (select {xmin}::BIGINT as x, {back}::BIGINT as a)"
        ).fetchone()
    assert found == (back, xmin)


def test_a_frozen_marker_is_infinitely_old_on_both_sides() -> None:
    with duckdb.connect() as con:
        found = con.execute(
            f"select {age_sql('2::BIGINT', 800)}, {xmin_sql('2147483647::BIGINT', 800)}"
        ).fetchone()
    assert found == (2147483647, 2)


SNAPSHOT = Snapshot(
    as_of_at=datetime(2026, 3, 1),
    version=180004,
    database_oid=5,
    server_started_at=datetime(2026, 1, 1),
    snapshot_xmin=1_000,
    snapshot_xmax=1_010,
    next_xid=1_010,
    may_share=True,
    system_identifier="7",
    timeline=1,
)
WATERMARK = Watermark(
    "t", "7", 1, 5, datetime(2026, 1, 1), 900, 905, "f", datetime(2026, 2, 1), "r"
)


EDGES = [*range(5), 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2, 2**32 - 1]
XIDS = st.one_of(st.sampled_from(EDGES), st.integers(0, 2**32 - 1))
STEPS = st.sampled_from([-(2**31), 1 - 2**31, -1, 0, 1, 2**31 - 1])


@given(next_xid=XIDS, xmins=st.lists(XIDS, max_size=3), steps=st.lists(STEPS, max_size=2))
def test_the_sum_of_ages_is_that_of_each_row(
    next_xid: int, xmins: list[int], steps: list[int]
) -> None:
    """By distances where that is right: the sum must be the one that age() of each row gives."""
    table = TABLES_BY_NAME["courses"]
    held = [*xmins, *((next_xid + step) % 2**32 for step in steps)]
    ages = [2**31 - 1 if x < 3 else (next_xid - x + 2**31) % 2**32 - 2**31 for x in held]
    with duckdb.connect() as con:
        con.execute("create schema raw")
        con.execute(f"create table raw.courses as select unnest({held}::BIGINT[]) as _xmin")
        reader = Reader(con, "src", SNAPSHOT)
        load = TableLoad(reader, plan_table(table, live(table)), "k", why_all="")
        for total, right in ((sum(ages), True), (sum(ages) + 1, False)):
            source = {"source_rows": len(held), "ages": total}
            assert agrees(load, Audited(source, None, next_xid), checksum=counted(load)) is right


@pytest.mark.parametrize(
    ("snapshot", "watermark", "why"),
    [
        (SNAPSHOT, WATERMARK, ""),
        (SNAPSHOT, None, "first extraction"),
        (replace(SNAPSHOT, system_identifier="8"), WATERMARK, "another server"),
        (replace(SNAPSHOT, system_identifier=None), WATERMARK, "does not tell"),
        (replace(SNAPSHOT, database_oid=6), WATERMARK, "another database"),
        (replace(SNAPSHOT, timeline=2), WATERMARK, "restored to a point in time"),
        (replace(SNAPSHOT, snapshot_xmax=904), WATERMARK, "put back"),
        (replace(SNAPSHOT, server_started_at=datetime(2026, 2, 2)), WATERMARK, "restarted"),
        (replace(SNAPSHOT, snapshot_xmax=900 + 2**31), WATERMARK, "2^31"),
        (SNAPSHOT, replace(WATERMARK, fingerprint="g"), "columns"),
    ],
)
def test_a_watermark_is_void_where_it_proves_nothing(
    snapshot: Snapshot, watermark: Watermark | None, why: str
) -> None:
    found = why_all(watermark, snapshot, fingerprint="f")
    assert found == why if not why else why in found


def test_the_age_of_a_watermark_is_signed_and_wraps() -> None:
    assert SNAPSHOT.age_of(900) == 110
    assert SNAPSHOT.age_of(900 + 5 * 2**32) == 110
    assert replace(SNAPSHOT, next_xid=5).age_of(2**32 - 10) == 15


def test_the_fingerprint_moves_with_whatever_may_change_values_unwritten() -> None:
    table = TABLES_BY_NAME["subscriptions"]
    plan = plan_table(table, live(table))
    same = plan.fingerprint("k")
    assert plan_table(table, live(table)).fingerprint("k") == same
    assert plan.fingerprint("other key") != same
    assert plan_table(table, replace(live(table), oid=1)).fingerprint("k") != same
    columns = live(table).columns
    moved = (*columns[:-1], replace(columns[-1], position=40))
    assert plan_table(table, replace(live(table), columns=moved)).fingerprint("k") != same
    analytics = TABLES_BY_NAME["analytics"]
    without = plan_table(analytics, live(analytics))
    assert without.fingerprint("k") == without.fingerprint("other key")


def test_names_and_texts_are_quoted() -> None:
    assert quoted('a"b') == '"a""b"'
    assert literal("it's") == "'it''s'"
    assert among(("id",), [("a'b",)]) == "(\"id\") in (('a''b'))"


def test_columns_come_widen_and_go_in_the_working_file() -> None:
    table = TABLES_BY_NAME["cohorts"]
    plan = plan_table(table, live(table, size="bigint"))
    before = {column.name: column.type for column in plan.raw} | {"size": "INTEGER", "old": "DATE"}
    statements, notes = layout_changes(plan, {"raw": before, "past": before})
    assert [s.split(" using")[0].split(" (")[0] for s in statements] == [
        'alter table past."cohorts" alter column "size" set data type BIGINT',
        'insert into past."cohorts"',
        'alter table raw."cohorts" alter column "size" set data type BIGINT',
        'alter table raw."cohorts" drop column "old"',
        'update raw."cohorts" set _is_update = null',
        'create or replace view history."cohorts" as select v.* exclude',
    ]
    assert notes == [
        "cohorts.size: now BIGINT, was INTEGER",
        "cohorts.old: gone from the source, kept in history only",
    ]


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ('IO Error: Could not set lock on file "/x"', WarehouseLocked, "another process"),
        ("IO Error: write: No space left on device", Exception, "disk is full"),
        ("server closed the connection unexpectedly", ConnectionDropped, "dropped"),
        ("ERROR:  permission denied for table courses", SourceUnavailable, "courses"),
        ('ERROR:  column "x" does not exist', SourceChanged, "schema check"),
        ("ERROR:  canceling statement due to statement timeout", SourceUnavailable, "gave up"),
        (
            'IO Error: Unable to connect to Postgres at "host=/run password=\'a": b\'": connection '
            'to server on socket "/run/.s.PGSQL.5432" failed: No such file or directory\n\tUp?',
            ConnectionDropped,
            '(courses): connection to server on socket "/run/.s.PGSQL.5432" failed: No such file '
            "or directory.",
        ),
    ],
)
def test_faults_become_sentences(said: str, kind: type[Exception], words: str) -> None:
    error = translated(duckdb.IOException(said), "courses")
    assert isinstance(error, kind)
    assert words.lower() in str(error).lower()


def test_no_password_and_no_row_survives_into_a_message() -> None:
    conninfo = connection_string("postgresql://me:s3cr%40t@host:5433/shop")
    said = (
        'Unable to connect to Postgres at "host=host password=s3cr@t": FATAL: no "s3cr@t"\n'
        'CONTEXT:  JSON data, line 1: {"email": "eve@example.org"'
    )
    message = str(translated(duckdb.IOException(said), "user_profile", conninfo=conninfo))
    assert "s3cr@t" not in message and "eve@" not in message
    assert described(conninfo) == "host:5433, database shop"


@pytest.mark.parametrize("url", ["postgresql://a:p@ss@host/db", "postgresql://host:port/db?x=1"])
def test_a_url_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        connection_string(url)
    assert "p@ss" not in str(caught.value) and "%40" in str(caught.value)


def test_a_url_keeps_its_own_options() -> None:
    text = connection_string("postgresql://me@host/db?sslmode=verify-full&sslrootcert=/ca.pem")
    assert "sslmode=verify-full" in text and "sslrootcert=/ca.pem" in text
    assert "application_name=hypnomart" in text


@pytest.mark.parametrize("name", ["postgres_scanner", "ducklake"])
def test_an_extension_lies_in_its_wheel(name: str) -> None:
    assert extension_file(name).name == f"{name}.duckdb_extension"
