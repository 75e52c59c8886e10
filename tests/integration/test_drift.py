"""Each kind of difference from the contract is found and named; reading the catalogue suffices."""

import psycopg
import pytest

from models.drift import Difference, compare_schema
from models.errors import SourceUnavailable
from tests.conftest import login_as

CHANGES = [
    (
        "drop table server_logs",
        Difference("server_logs", "server_logs", "missing table", "missing", "a table"),
        "public.server_logs is missing, expected a table",
    ),
    (
        "create table public.invoices (id int)",
        Difference("invoices", "invoices", "extra table", "present", "absent"),
        "public.invoices is present, expected absent",
    ),
    (
        "alter table ai_usage drop column weekly_reset_date",
        Difference("ai_usage", "weekly_reset_date", "missing column", "missing", "timestamptz"),
        "public.ai_usage: missing column weekly_reset_date is missing, expected timestamptz",
    ),
    (
        "alter table courses add column level smallint",
        Difference("courses", "level", "extra column", "smallint", "absent"),
        "public.courses: extra column level is smallint, expected absent",
    ),
    (
        "alter table courses alter column price type numeric(12,2)",
        Difference("courses", "price", "type", "numeric(12,2)", "numeric(10,2)"),
        "public.courses: type of column price is numeric(12,2), expected numeric(10,2)",
    ),
    (
        "alter table subscriptions alter column expires_at type timestamp",
        Difference(
            "subscriptions", "expires_at", "type", "timestamp without time zone", "timestamptz"
        ),
        "public.subscriptions: type of column expires_at is timestamp without time zone, "
        "expected timestamptz",
    ),
    (
        "alter table courses alter column title drop not null",
        Difference("courses", "title", "nullability", "null", "not null"),
        "public.courses: nullability of column title is null, expected not null",
    ),
    (
        "alter table user_profile alter column role set default 'admin'",
        Difference("user_profile", "role", "default", "'admin'::text", "'user'"),
        "public.user_profile: default of column role is 'admin'::text, expected 'user'",
    ),
    (
        "alter table ai_usage drop constraint ai_usage_pkey",
        Difference("ai_usage", "ai_usage", "primary key", "missing", "(id)"),
        "public.ai_usage: primary key is missing, expected (id)",
    ),
    (
        "alter table user_discounts drop constraint user_discounts_user_id_discount_code_id_key",
        Difference(
            "user_discounts",
            "(discount_code_id, user_id)",
            "missing unique key",
            "missing",
            "present",
        ),
        "public.user_discounts: missing unique key (discount_code_id, user_id) is missing, "
        "expected present",
    ),
    (
        "create unique index on ai_credit_purchases (purchase_id)",
        Difference("ai_credit_purchases", "(purchase_id)", "extra unique key", "present", "absent"),
        "public.ai_credit_purchases: extra unique key (purchase_id) is present, expected absent",
    ),
    (
        "alter table cohorts disable row level security",
        Difference("cohorts", "cohorts", "row level security", "off", "on"),
        "public.cohorts: row level security is off, expected on",
    ),
    (
        "drop policy own_rows_update on user_profile",
        Difference(
            "user_profile",
            "for update",
            "missing policy",
            "missing",
            "users may on their own rows",
        ),
        "public.user_profile: missing policy for update is missing, "
        "expected users may on their own rows",
    ),
    (
        "create policy everybody on courses for select to anon using (true)",
        Difference("courses", "for select", "extra policy", "present (everybody)", "absent"),
        "public.courses: extra policy for select is present (everybody), expected absent",
    ),
    (
        "drop trigger refuse_server_set_columns on user_profile",
        Difference(
            "user_profile", "refuse_server_set_columns", "missing trigger", "missing or off", "on"
        ),
        "public.user_profile: missing trigger refuse_server_set_columns is missing or off, "
        "expected on",
    ),
    (
        "alter table subscriptions disable trigger handle_premium_subscription_referral",
        Difference(
            "subscriptions",
            "handle_premium_subscription_referral",
            "missing trigger",
            "missing or off",
            "on",
        ),
        "public.subscriptions: missing trigger handle_premium_subscription_referral is missing or "
        "off, expected on",
    ),
]


@pytest.mark.parametrize(("change", "difference", "sentence"), CHANGES, ids=lambda value: "")
def test_each_difference_is_named(
    source_url: str, change: str, difference: Difference, sentence: str
) -> None:
    with psycopg.connect(source_url) as con:
        con.execute(change.encode())
    assert compare_schema(source_url) == [difference]
    assert str(difference) == sentence


def test_a_view_in_place_of_a_table_is_said_to_be_one(source_url: str) -> None:
    with psycopg.connect(source_url) as con:
        con.execute("alter table server_logs rename to logs")
        con.execute("create view server_logs as select * from logs")
        con.execute("create view one_more as select 1 as x")
    told = [str(difference) for difference in compare_schema(source_url)]
    assert told == [
        "public.server_logs is a view, expected a table",
        "public.logs is present, expected absent",
    ]


def test_a_unique_index_over_part_of_the_rows_is_no_key(source_url: str) -> None:
    with psycopg.connect(source_url) as con:
        con.execute("alter table courses drop constraint courses_course_code_key cascade")
        con.execute("create unique index on courses (course_code) where price > 0")
    kinds = [(d.kind, d.table) for d in compare_schema(source_url)]
    assert kinds == [("missing unique key", "courses"), ("extra unique key", "courses")]


def test_only_what_the_marts_need_is_breaking() -> None:
    breaking = {difference.kind for _, difference, _ in CHANGES if difference.is_breaking}
    assert breaking == {"missing table", "missing column", "type"}


def test_the_reader_may_compare_and_a_policy_for_all_covers_every_command(source_url: str) -> None:
    with psycopg.connect(source_url) as con:
        con.execute("create policy everything on cohorts to authenticated using (true)")
    found = compare_schema(login_as(source_url, "hypnomart_reader"))
    assert [d.object for d in found] == ["for delete", "for insert", "for select", "for update"]


def test_an_unreachable_source_is_named() -> None:
    with pytest.raises(SourceUnavailable, match="catalogue cannot be read"):
        compare_schema("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")
