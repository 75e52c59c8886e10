"""Each kind of fault, found in PostgreSQL by a query that knows nothing of how it was planted.

With every kind planted the query finds as many rows as the ledger names; with none, none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import psycopg
import pytest

from models.simulation import simulate
from models.simulation.planting import ENTERED, KINDS, planted_kinds
from tests.conftest import new_database

UNTIL = date(2026, 10, 31)
OPENED = "timestamptz '2026-10-31 00:00+00'"
SALES = """(
    select id, user_id, source, purchase_id, purchase_token, created_at
    from ai_credit_purchases
    union all
    select id, user_id, source, purchase_id, purchase_token, created_at
    from course_purchases where source in ('google_play', 'app_store')
) as sales"""
RANKED_EVENTS = """(
    select *,
        lag(event_type) over by_user as before_type,
        lag(expires_at) over by_user as before_expires_at,
        min(created_at) filter (where event_type ilike 'created%') over everything as opened_at,
        lead(id) over by_user as next_id
    from subscription_events
    window by_user as (partition by user_id order by created_at, event_type),
        everything as (partition by user_id)
) as events"""
AGAIN = """exists (
    select from {0} o
    where o.user_id {1} s.user_id and o.created_at < s.created_at and {2})"""


def pack(condition: str) -> str:
    return f"select count(*) from ai_credit_purchases s where {condition}"


def lead(condition: str) -> str:
    return f"select count(*) from user_profile where {condition}"


def log(condition: str) -> str:
    return f"select count(*) from app_logs where {condition}"


def usage(condition: str) -> str:
    return f"""
        select count(*) from ai_usage u left join (
            select user_id, sum(credits_amount) as bought
            from ai_credit_purchases
            where status = 'purchased' and created_at < {OPENED} group by 1
        ) p using (user_id) where {condition}"""


def again(table: str, who: str, what: str) -> str:
    return AGAIN.format(table, who, what)


SIBLING = "lower(trim(o.purchase_id)) = lower(trim(s.purchase_id))"
PREMIUM = """exists (
    select from subscription_events e
    where e.user_id = c.referred_user_id and event_type in ('created', 'renewed'))"""
REFERRED = """
    from user_profile c join user_profile p
        on p.referral_code = upper(trim(c.referred_by_code)) and p.user_id <> c.user_id"""

QUERIES = {
    "token_repeated": pack(
        again("ai_credit_purchases", "=", "o.purchase_token = s.purchase_token")
        + " and purchase_token <> '' and status <> 'restored' and source = 'google_play'"
    ),
    "token_replayed": pack(
        again("ai_credit_purchases", "<>", "o.purchase_token = s.purchase_token")
        + " and purchase_token <> ''"
    ),
    "order_in_other_case": pack("purchase_id ~ 'gpa'"),
    "order_with_blanks": pack("purchase_id <> trim(purchase_id)"),
    "order_in_two_tables": f"""
        select count(*) from course_purchases s
        where {again("ai_credit_purchases", "=", SIBLING)}""",
    "restored": pack(
        "status = 'restored' and "
        + again("ai_credit_purchases", "=", "o.purchase_token = s.purchase_token")
    ),
    "restored_without_original": pack(
        "status ilike '%restored' and not "
        + again("ai_credit_purchases", "=", "o.purchase_token = s.purchase_token")
    ),
    "pending_forever": pack("status like 'pending%'"),
    "unknown_product": pack("product_id !~* 'ai_credits_(4000|10000)'"),
    "amount_negative": pack("amount_paid < 0"),
    "amount_absurd": pack("amount_paid > 1000 and amount_paid <> 'NaN'"),
    "amount_without_currency": pack("amount_paid is not null and currency is null"),
    "amount_not_a_number": pack("amount_paid = 'NaN'"),
    "amount_in_unknown_currency": pack("currency = 'XTS'"),
    "seconds_for_milliseconds": pack("transaction_date ~ '^[0-9]{10}$'"),
    "local_time_without_zone": pack("transaction_date ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2} '"),
    "date_in_1970": pack("transaction_date ~ '^[0-9]{1,11}$' and length(transaction_date) <> 10"),
    "date_in_2099": pack("transaction_date ~ '^4[0-9]{12}$'"),
    "token_empty": pack("purchase_token = ''"),
    "sandbox_purchase": """
        select count(*) from ai_credit_purchases join user_profile using (user_id)
        where role = 'tester'""",
    "store_unknown": """
        select count(*) from course_purchases
        where source not in ('google_play', 'app_store', 'premium_slot', 'admin')""",
    "renewal_without_created": f"""
        select count(*) from {RANKED_EVENTS} where opened_at is null and event_type = 'renewed'
        and not exists (
            select from subscription_events o
            where o.user_id = events.user_id and o.offer_id = 'free-trial')""",
    "expired_before_created": f"""
        select count(*) from {RANKED_EVENTS}
        where event_type = 'expired' and created_at < opened_at""",
    "canceled_before_created": f"""
        select count(*) from {RANKED_EVENTS}
        where event_type = 'canceled' and created_at < opened_at""",
    "event_duplicated": """
        select count(*) - count(distinct (user_id, purchase_id)) from subscription_events
        where event_type = 'created'""",
    "expiry_unstated": """
        select count(*) from subscription_events
        where event_type = 'created' and expires_at is null""",
    "event_type_in_capitals": """
        select count(*) from subscription_events where event_type <> lower(trim(event_type))""",
    "expired_late": """
        select count(*) from subscription_events
        where event_type = 'expired' and expires_at is null""",
    "milliseconds_for_iso": """
        select count(*) from subscriptions where transaction_date ~ '^[0-9]+$'""",
    "premium_without_event": """
        select count(*) from subscriptions s where plan = 'premium' and not exists (
            select from subscription_events e where e.user_id = s.user_id)""",
    "premium_without_access": f"""
        select count(*) from subscriptions s
        where plan = 'premium' and expires_at < {OPENED} - interval '16 days' and exists (
            select from subscription_events e where e.user_id = s.user_id)""",
    "bank_without_pack": usage("bank_limit_credits = 2500 and bought is null"),
    "bank_below_packs": usage(
        "bank_limit_credits = 0 and bought = 4000"
        " and u.user_id not in (select user_id from user_profile where role = 'tester')"
        " and not exists (select from ai_credit_purchases s where s.user_id = u.user_id"
        " and (currency = 'XTS' or purchase_token in (select o.purchase_token"
        " from ai_credit_purchases o where o.user_id <> s.user_id)))"
    ),
    "weekly_used_above_limit": usage("weekly_used_credits > weekly_limit_credits + 20000"),
    "bank_used_above_limit": usage("bank_used_credits > bank_limit_credits + 5000"),
    "reset_in_the_past": usage(f"weekly_reset_date < {OPENED} - interval '30 days'"),
    "reset_missing": usage("weekly_reset_date is null"),
    "plays_negative": "select count(*) from audio_usage where no_of_plays < 0",
    "code_unknown": """
        select count(*) from user_profile u where referred_by_code is not null
        and not exists (
            select from user_profile p where p.referral_code = upper(trim(u.referred_by_code)))
        and not exists (select from cohorts where code = upper(trim(u.referred_by_code)))
        and not exists (select from discount_codes where code = upper(trim(u.referred_by_code)))""",
    "self_referral": lead("upper(trim(referred_by_code)) = referral_code"),
    "referral_cycle": f"""
        select count(*) {REFERRED} where upper(trim(p.referred_by_code)) = c.referral_code""",
    "reward_doubled": """
        select count(*) - count(distinct referred_user_id) from referral_credits""",
    "reward_without_premium": f"select count(*) from referral_credits c where not {PREMIUM}",
    "reward_missing": f"""
        select count(*) {REFERRED} where exists (
            select from subscription_events e where e.user_id = c.user_id
        ) and not exists (select from referral_credits r where r.referred_user_id = c.user_id)""",
    "discount_used_after_expiry": "select count(*) from user_discounts where used_at > expires_at",
    "discount_of_another_cohort": """
        select count(*) from user_discounts d join discount_codes k on k.id = d.discount_code_id
        left join user_cohorts c using (user_id)
        where k.cohort_id is not null and c.cohort_id is distinct from k.cohort_id""",
    "cohort_reassigned": "select count(*) from user_cohorts where updated_at > created_at",
    "profile_rekeyed": """
        select count(*) from ai_usage u where not exists (
            select from user_profile p where p.user_id = u.user_id)""",
    "subscription_row_missing": """
        select count(*) from ai_usage u where not exists (
            select from subscriptions s where s.user_id = u.user_id)""",
    "email_in_capitals": lead("email <> lower(email)"),
    "country_blank": lead("trim(country) = ''"),
    "role_unknown": lead("role not in ('user', 'tester', 'admin')"),
    "placeholder_for_months": f"""
        select count(*) from custom_courses c join custom_course_purchases p on p.course_id = c.id
        where c.data::text = '{{}}' and p.is_submitted and p.updated_at = p.created_at
        and c.updated_at < {OPENED} - interval '60 days'""",
    "checksum_wrong": "select count(*) from custom_courses where checksum <> md5(data::text)",
    "json_with_equal_keys": """
        select count(*) from custom_courses
        where data::text ~ 'audio_files.*audio_files'""",
    "json_of_wrong_shape": """
        select count(*) from custom_courses where json_typeof(data) <> 'object'""",
    "link_token_shared": """
        select count(*) from custom_course_purchases where link_token in (
            select link_token from custom_course_purchases group by 1 having count(*) > 1)""",
    "log_type_plural": log("log_type = 'user_reports' and message like '%: plural'"),
    "log_clock_ahead": log(f"created_at > {OPENED}"),
    "log_without_user": log("user_id is null"),
    "log_type_unknown": log("log_type = 'telemetry'"),
    "email_in_message": log("message ~ '[a-z.]+@[a-z]+'"),
    "message_with_formula": log("message like '=%'"),
    "text_with_control_characters": lead("lead_source ~ '[[:cntrl:]]'"),
    "text_with_emoji": lead("lead_source ~ U&'\\+01F9D8'"),
    "text_right_to_left": lead("lead_source ~ U&'\\05D4'"),
    "text_with_formula": lead("lead_source like '=%'"),
    "text_with_script": lead("lead_source like '<script>%'"),
}
OPENINGS = """(
    select *, lower(trim(event_type)) as kind,
        coalesce(base_plan_id, 'monthly-plan') as plan, lower(trim(purchase_id)) as order_key
    from subscription_events where lower(trim(event_type)) in ('created', 'renewed')
)"""
# Queries for the rows themselves, which must be those of the ledger: by the whole life of a
# subscription, or by a price list written out here.
ROWS = {
    "overlapping_periods": f"""
        select s.id from {OPENINGS} s where kind = 'created' and exists (
            select from {OPENINGS} o
            where o.user_id = s.user_id and o.plan = s.plan and o.order_key <> s.order_key
                and o.created_at < s.created_at and s.created_at < o.expires_at)""",
    "expired_missing": f"""
        select s.id from {OPENINGS} s
        where s.expires_at + interval '16 days' < {OPENED} and not exists (
            select from subscription_events o
            where o.user_id = s.user_id and o.created_at > s.created_at)""",
    "renewal_after_grace": f"""
        select s.id from {OPENINGS} s
        where kind = 'renewed' and s.created_at > (
            select max(o.expires_at) + interval '16 days' from {OPENINGS} o
            where o.user_id = s.user_id and o.created_at < s.created_at)
            and order_key not like '%..%'""",
    "renewal_of_older_purchase": f"""
        select s.id from {OPENINGS} s where kind = 'renewed' and exists (
            select from {OPENINGS} o
            where o.user_id = s.user_id and o.kind = 'created' and o.plan <> s.plan
                and split_part(o.order_key, '..', 1) <> split_part(s.order_key, '..', 1)
                and o.created_at < s.created_at and s.created_at < o.expires_at)""",
    "cancel_before_renewal": f"""
        select s.id from subscription_events s where event_type = 'canceled' and exists (
            select from {OPENINGS} o
            where o.user_id = s.user_id and o.kind = 'renewed' and o.expires_at = s.expires_at
                and o.created_at > s.created_at)""",
    "cancel_undone": f"""
        select s.id from subscription_events s join subscriptions b using (user_id)
        where event_type = 'canceled' and b.auto_renew and b.updated_at > s.created_at
            and not exists (
                select from {OPENINGS} o
                where o.user_id = s.user_id and o.kind = 'created' and o.created_at > s.created_at)
        """,
    "plan_change_without_charge": f"""
        select id from {OPENINGS} s
        where plan = 'quarterly-plan' and offer_id is null
            and expires_at < created_at + interval '60 days'""",
    "trial_offer_repeated": f"""
        select id from {OPENINGS} s
        where offer_id = 'free-trial' and expires_at > created_at + interval '20 days'""",
    "trial_told_twice": f"""
        select s.id from {OPENINGS} s where kind = 'renewed' and exists (
            select from {OPENINGS} o
            where o.user_id = s.user_id and o.order_key = s.order_key
                and o.expires_at = s.expires_at and o.created_at < s.created_at)""",
    "periods_of_five_minutes": f"""
        select id from {OPENINGS} s
        where expires_at between created_at and created_at + interval '1 hour'""",
    "period_that_never_ends": f"select id from {OPENINGS} s where expires_at > '2100-01-01'",
    "event_of_the_future": f"select id from subscription_events where created_at > {OPENED}",
    "renewal_told_late": f"""
        select id from {OPENINGS} s
        where kind = 'renewed' and expires_at < created_at + interval '20 days'
            and s.created_at > (
                select max(o.expires_at) + interval '16 days' from {OPENINGS} o
                where o.user_id = s.user_id and o.created_at < s.created_at)""",
    "renewal_lost": f"""
        select s.id from {OPENINGS} s where order_key like '%..1' and not exists (
            select from {OPENINGS} o
            where o.user_id = s.user_id
                and o.order_key = split_part(s.order_key, '..', 1) || '..0')""",
    "apple_original_transaction": f"""
        select s.id from {OPENINGS} s where kind = 'renewed' and exists (
            select from {OPENINGS} o
            where o.user_id = s.user_id and o.order_key = s.order_key
                and o.expires_at < s.expires_at)""",
    "apple_receipt_of_two_packs": """
        select s.id from ai_credit_purchases s join ai_credit_purchases o
            on o.user_id = s.user_id and o.purchase_token = s.purchase_token and o.id <> s.id
        where s.source = 'app_store' and s.purchase_token <> ''
            and s.status = 'purchased' and o.status = 'purchased'""",
    "pack_of_the_future": f"select id from ai_credit_purchases where created_at > {OPENED}",
    "price_missing": """
        select id from ai_credit_purchases
        where product_id ~* 'ai_credits_10000' and created_at < '2026-03-01 00:00+00'
        union all
        select id from course_purchases s
        where source in ('google_play', 'app_store') and created_at >= '2026-03-01 00:00+00'
            and not exists (
                select from ai_credit_purchases o
                where lower(trim(o.purchase_id)) = lower(trim(s.purchase_id)))""",
}
# What only two looks tell: tests/integration/test_simulation_history.py finds them.
TWO_LOOKS = (
    "bank_counter_fell", "plays_counter_fell", "refund_of_used_credits", "code_replaced",
    "code_deleted", "account_closed",
)  # fmt: skip
OF_TABLES = ("server_silent",)


def test_every_kind_has_its_query() -> None:
    assert {*QUERIES, *ROWS, *TWO_LOOKS, *OF_TABLES} == set(KINDS)
    assert len(QUERIES) + len(ROWS) + len(TWO_LOOKS) + len(OF_TABLES) == len(KINDS)
    assert len(KINDS) >= 40
    assert set(ENTERED) == set(KINDS)  # whoever enters a kind gives it a place in the order
    assert set(planted_kinds("typical")) < set(KINDS)


@pytest.fixture(scope="module")
def sources(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[str, Path]]]:
    """A business with every fault and the same one without, each (url, truth folder)."""
    found = {}
    with (
        new_database(postgres_url, template=template_database) as faulty,
        new_database(postgres_url, template=template_database) as clean,
    ):
        for name, url in (("all", faulty), ("none", clean)):
            folder = tmp_path_factory.mktemp(name)
            simulate(
                url, users=5_000, days=400, seed=9, until=UNTIL,
                faults=name, truth_dir=folder, progress=lambda _: None,
            )  # fmt: skip
            found[name] = (url, folder)
        yield found


def ledger(sources: dict[str, tuple[str, Path]]) -> Counter[str]:
    kinds: list[str] = pl.read_parquet(sources["all"][1] / "faults.parquet")["kind"].to_list()
    return Counter(kinds)


def count(url: str, query: str) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("kind", QUERIES)
def test_a_fault_is_found_as_often_as_it_was_planted(
    sources: dict[str, tuple[str, Path]], kind: str
) -> None:
    planted = ledger(sources)[kind]
    assert planted >= 2
    by_itself = count(sources["none"][0], QUERIES[kind])
    assert count(sources["all"][0], QUERIES[kind]) - by_itself == planted
    assert by_itself == 0 or kind == "sandbox_purchase"  # testers also buy by themselves


def test_without_faults_the_ledger_is_empty(sources: dict[str, tuple[str, Path]]) -> None:
    assert len(pl.read_parquet(sources["none"][1] / "faults.parquet")) == 0


def ids(url: str, query: str) -> set[str]:
    with psycopg.connect(url) as conn:
        return {str(row[0]) for row in conn.execute(query.encode()).fetchall()}


@pytest.mark.parametrize("kind", ROWS)
def test_exactly_the_planted_rows_are_found(
    sources: dict[str, tuple[str, Path]], kind: str
) -> None:
    faults = pl.read_parquet(sources["all"][1] / "faults.parquet").filter(pl.col("kind") == kind)
    by_itself = ids(sources["none"][0], ROWS[kind])
    found = ids(sources["all"][0], ROWS[kind])
    assert len(faults) >= 2
    assert found == set(faults["row_id"])
    assert not by_itself


def test_a_silent_table_ends_before_the_opening(sources: dict[str, tuple[str, Path]]) -> None:
    late = f"select count(*) from server_logs where created_at >= {OPENED} - interval '4 days'"
    assert ledger(sources)["server_silent"] == 1
    assert count(sources["all"][0], late) == 0
    assert count(sources["none"][0], late) > 0


@pytest.mark.parametrize("kind", TWO_LOOKS)
def test_a_fault_that_two_looks_show_is_planted(
    sources: dict[str, tuple[str, Path]], kind: str
) -> None:
    assert ledger(sources)[kind] >= 2


def test_the_ledger_names_rows_that_exist(sources: dict[str, tuple[str, Path]]) -> None:
    url, folder = sources["all"]
    faults = pl.read_parquet(folder / "faults.parquet").drop_nulls("row_id")
    with psycopg.connect(url) as conn:
        for table, row_id in faults.select("table_name", "row_id").iter_rows():
            key = "user_id" if table == "user_profile" else "id"
            query = f"select count(*) from {table} where {key} = %s"
            found = conn.execute(query.encode(), (row_id,)).fetchone()
            assert found == (1,), (table, row_id)
