"""The source's schema changes under the extraction: what is taken, what is told, what stops."""

from __future__ import annotations

from decimal import Decimal

import pytest

from models.errors import SourceChanged
from pipelines.base.settings import Settings
from tests.integration.test_extraction import USAGE, A, B, counts, execute, raw, run
from tests.source_rows import fill
from tests.warehouse import settings_at

pytestmark = pytest.mark.usefixtures("source_url")


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_at(tmp_path_factory.mktemp("drift"))


LOSSES = {
    "drop table user_cohorts cascade": "user_cohorts: the table is gone",
    "alter table manifest_cohorts rename to links": "manifest_cohorts: the table is gone",
    "alter table cohorts rename to arms; create view cohorts as select * from arms": (
        "cohorts: a view stands in place of the table"
    ),
    "alter table courses drop column price": "courses: column price is gone",
    "alter table analytics rename column voice to speaker": "analytics: column voice is gone",
    "alter table user_profile drop column email": "user_profile: column email is gone",
    "alter table ai_usage alter column bank_used_credits drop default, "
    "alter column bank_used_credits type text": "column bank_used_credits is text",
    "alter table referral_credits alter column amount type double precision": (
        "column amount is double precision"
    ),
    "alter table user_discounts alter column created_at type timestamp": (
        "column created_at is timestamp without time zone"
    ),
}


def test_every_kind_of_loss_stops_before_anything_is_written(
    home: Settings, source_url: str
) -> None:
    """All at once: one message names each."""
    fill(source_url, 2)
    run(home, source_url)
    before = home.warehouse.read_bytes()
    execute(source_url, *LOSSES)
    with pytest.raises(SourceChanged) as caught:
        run(home, source_url)
    message = str(caught.value)
    for loss in LOSSES.values():
        assert loss in message
    assert caught.value.exit_code == 5 and "nothing was written" in message
    assert home.warehouse.read_bytes() == before


@pytest.mark.parametrize("statement", [*LOSSES][1:4])
def test_a_loss_before_the_first_extraction_leaves_no_table(
    home: Settings, source_url: str, statement: str
) -> None:
    execute(source_url, statement)
    with pytest.raises(SourceChanged, match=LOSSES[statement]):
        run(home, source_url)
    assert not home.warehouse.exists()


def test_a_new_column_is_taken_along_and_leaves_again(home: Settings, source_url: str) -> None:
    """Without any row being written: PostgreSQL keeps the default beside the table."""
    execute(source_url, USAGE.format(A, 1))
    run(home, source_url)
    execute(
        source_url,
        "alter table ai_usage add column tier numeric default 12345678901234567890.123456789",
    )
    done = run(home, source_url)
    assert "ai_usage.tier: new at the source, taken along" in done.notes
    assert counts(done, "ai_usage") == (1, 0, "its columns, or how they are read, changed")
    value = Decimal("12345678901234567890.123456789")
    assert raw(home, "select tier from raw.ai_usage") == [(value,)]
    assert raw(home, "select _op, tier from history.ai_usage order by _seen_at") == [
        ("insert", None),
        ("update", value),
    ]
    assert run(home, source_url).notes == ()
    execute(
        source_url,
        "alter table ai_usage drop column tier",
        "alter table ai_usage add column tier text default 'gold'",
    )
    done = run(home, source_url)
    assert raw(home, "select tier from raw.ai_usage") == [("gold",)]
    assert raw(home, "select tier from history.ai_usage order by _seen_at")[1:] == [
        (str(value),),
        ("gold",),
    ]
    execute(source_url, "alter table ai_usage drop column tier")
    done = run(home, source_url)
    assert "ai_usage.tier: gone from the source, kept in history only" in done.notes
    assert raw(
        home, "select schema_name from duckdb_columns() where column_name = 'tier' order by 1"
    ) == [("history",), ("past",)]


def test_a_column_that_may_be_personal_stays_at_home(home: Settings, source_url: str) -> None:
    execute(source_url, "alter table user_profile add column backup_email text default 'a@b.c'")
    fill(source_url, 1)
    done = run(home, source_url)
    assert any("user_profile.backup_email" in note and "not taken" in note for note in done.notes)
    assert b"a@b.c" not in home.warehouse.read_bytes()


def test_a_new_table_is_reported_once(home: Settings, source_url: str) -> None:
    run(home, source_url)
    execute(source_url, "create table vouchers (id uuid)")
    told = "vouchers: a table that the contract does not know, not extracted"
    assert told in run(home, source_url).notes
    assert told not in run(home, source_url).notes


def test_wider_types_are_taken(home: Settings, source_url: str) -> None:
    execute(source_url, USAGE.format(A, 1))
    run(home, source_url)
    execute(
        source_url,
        "alter table ai_usage alter column weekly_used_credits type bigint",
        "alter table courses alter column price type numeric",
        "alter table courses alter column title type varchar(90)",
        USAGE.format(B, 3_000_000_000),
        "insert into courses (course_code, title, price) values ('a', 'a', 1e28), "
        "('b', 'b', 1e29), ('c', 'c', 0.12345678949), ('d', 'd', '-Infinity')",
    )
    done = run(home, source_url)
    assert "ai_usage.weekly_used_credits: now BIGINT, was INTEGER" in done.notes
    assert raw(home, "select weekly_used_credits from raw.ai_usage order by id") == [
        (1,),
        (3_000_000_000,),
    ]
    assert raw(home, "select price, _unreadable from raw.courses order by course_code") == [
        (Decimal(10) ** 28, None),
        (None, "price=100000000000000000000000000000"),
        (Decimal("0.123456789"), "price=0.12345678949"),
        (None, "price=-Infinity"),
    ]
    assert raw(home, "select _op, weekly_used_credits from history.ai_usage order by 2") == [
        ("insert", 1),
        ("insert", 3_000_000_000),
    ]


def test_a_lifted_not_null_is_reported(home: Settings, source_url: str) -> None:
    execute(source_url, "alter table courses alter column title drop not null")
    assert (
        "courses.title: may be null at the source, the contract says not null"
        in run(home, source_url).notes
    )


def test_a_table_replaced_by_another_is_read_anew(home: Settings, source_url: str) -> None:
    execute(source_url, USAGE.format(A, 1))
    run(home, source_url)
    execute(
        source_url,
        "create table other (like ai_usage including all)",
        "insert into other select * from ai_usage",
        "update other set weekly_used_credits = 5",
        "alter table ai_usage rename to old_usage",
        "alter table other rename to ai_usage",
    )
    done = run(home, source_url)
    assert counts(done, "ai_usage") == (1, 0, "its columns, or how they are read, changed")
    assert raw(home, "select weekly_used_credits from raw.ai_usage") == [(5,)]


@pytest.mark.parametrize(
    "name", ["r", "_r", "k", "a$salt", "$run_id", 'say "no"', "rowid", "USER_ID"]
)
def test_a_new_column_of_any_name_stops_nothing(home: Settings, source_url: str, name: str) -> None:
    """Seen: ambiguous names, values sought for a `$` inside a name, a foreign rowid."""
    column = '"' + name.replace('"', '""') + '"'
    execute(source_url, f"alter table ai_usage add column {column} bigint default 1")
    execute(source_url, *(USAGE.format(key, 1) for key in (A, B)))
    run(home, source_url)
    execute(source_url, f"update ai_usage set weekly_used_credits = 2 where id = '{A}'")
    assert counts(run(home, source_url), "ai_usage") == (1, 0, "")
    execute(source_url, f"delete from ai_usage where id = '{B}'")
    run(home, source_url, full_refresh=True)
    history = "select id::text, _op, weekly_used_credits from history.ai_usage order by 1, _seen_at"
    assert raw(home, history) == [
        (A, "insert", 1),
        (A, "update", 2),
        (B, "insert", 1),
        (B, "delete", 1),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "create table part () inherits (courses)",
        "alter table courses rename to old; "
        "create table courses (like old including defaults) partition by list (course_code)",
    ],
)
def test_a_table_in_parts_is_refused(home: Settings, source_url: str, statement: str) -> None:
    execute(source_url, statement)
    with pytest.raises(SourceChanged, match="courses: the table has partitions or children"):
        run(home, source_url)
    assert not home.warehouse.exists()


def test_a_new_column_may_change_its_letter_case(home: Settings, source_url: str) -> None:
    """DuckDB tells no cases apart, PostgreSQL does."""
    execute(
        source_url, USAGE.format(A, 1), "alter table ai_usage add column \"Tier\" text default 'x'"
    )
    run(home, source_url)
    execute(source_url, 'alter table ai_usage rename column "Tier" to tier')
    run(home, source_url)
    execute(source_url, "update ai_usage set tier = 'y'")
    run(home, source_url)
    assert raw(home, "select tier from raw.ai_usage") == [("y",)]
    execute(source_url, "alter table ai_usage drop column tier")
    run(home, source_url)
    execute(source_url, "alter table ai_usage add column tier integer default 7")
    run(home, source_url)
    assert raw(home, "select tier from raw.ai_usage") == [(7,)]
    found = raw(home, "select tier from history.ai_usage order by _seen_at")
    assert found == [("x",), ("y",), ("7",)]  # that a column went is no version


def test_an_enumeration_for_the_kind_of_a_log_is_taken(home: Settings, source_url: str) -> None:
    execute(
        source_url,
        "insert into app_logs (user_id, log_type, message) "
        f"values ('{A}', 'User_Report', 'Suggestions: more rain')",
        "create type kind as enum ('User_Report', 'billing')",
        "alter table app_logs alter column log_type type kind using log_type::kind",
    )
    run(home, source_url)
    assert raw(home, "select log_type, issue_type from raw.app_logs") == [
        ("User_Report", "Suggestions")
    ]
