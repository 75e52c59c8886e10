"""The simulator against a real PostgreSQL: what it writes, twice the same, refuses and lives on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import psycopg
import pytest
from psycopg import sql

from models.apply import apply_schema
from models.drift import compare_schema
from models.errors import BadConfiguration, SourceUnavailable
from models.simulation import advance, simulate
from models.simulation.batches import all_written
from models.simulation.engine.marker import Marker, read_marker, write_marker
from models.simulation.engine.write import copy_piece, piece, rewards_by_hand, table_name
from models.simulation.parameters import Params, seconds_of
from models.simulation.tables import load_order
from models.simulation.world import world_at
from models.tables import TABLES

UNTIL = date(2026, 10, 31)


def quiet(_: str) -> None:
    """Nobody listens."""


def filled(url: str, folder: Path, *, faults: str = "typical", users: int = 600) -> dict[str, int]:
    return simulate(
        url, users=users, days=300, seed=5, until=UNTIL,
        faults=faults, truth_dir=folder, progress=quiet,
    )  # fmt: skip


def digests(url: str) -> dict[str, str]:
    """MD5 of every table's rows as COPY writes them, in the order of their key."""
    found = {}
    with psycopg.connect(url) as conn:
        for table in load_order():
            key = "user_id" if table == "user_profile" else "id"
            query = sql.SQL("copy (select * from {} order by {}) to stdout")
            digest = hashlib.md5(usedforsecurity=False)
            statement = query.format(table_name(table), sql.Identifier(key))
            with conn.cursor() as cursor, cursor.copy(statement) as rows:
                for row in rows:
                    digest.update(row)
            found[table] = digest.hexdigest()
    return found


def count(url: str, query: str, *values: object) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute(query, values or None).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])


def test_every_table_has_rows_and_the_same_arguments_give_the_same_bytes(
    fresh_database: Callable[[], str], tmp_path: Path
) -> None:
    sources = [fresh_database(), fresh_database()]
    for number, url in enumerate(sources):
        apply_schema(url)
        rows = filled(url, tmp_path / str(number), faults="all")
        assert set(rows) == {table.name for table in TABLES}
        assert min(rows.values()) > 0
    assert digests(sources[0]) == digests(sources[1])
    truths = [sorted((tmp_path / str(n)).iterdir()) for n in range(2)]
    assert [p.name for p in truths[0]] == [p.name for p in truths[1]]
    for first, second in zip(*truths, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name


def test_the_schema_stays_the_contracts_and_the_trigger_works_afterwards(
    source_url: str, tmp_path: Path
) -> None:
    filled(source_url, tmp_path)
    assert compare_schema(source_url) == []
    enabled = (
        "select count(*) from pg_trigger where tgname like 'handle_premium%' and tgenabled = 'O'"
    )
    assert count(source_url, enabled) == 1


def test_a_source_with_foreign_rows_is_refused_and_left_alone(
    source_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(source_url) as conn:
        conn.execute("insert into cohorts (code, cohort_type) values ('IABCDEF', 'partner')")
    with pytest.raises(BadConfiguration, match="did not write"):
        filled(source_url, tmp_path)
    with pytest.raises(BadConfiguration, match="no simulated business"):
        advance(source_url, days=1, truth_dir=tmp_path, progress=quiet)
    assert count(source_url, "select count(*) from cohorts") == 1
    assert count(source_url, "select count(*) from user_profile") == 0


def test_a_filled_source_is_not_filled_again(source_url: str, tmp_path: Path) -> None:
    filled(source_url, tmp_path)
    with pytest.raises(BadConfiguration, match="--advance"):
        filled(source_url, tmp_path)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"users": 0}, "--users"), ({"days": 0}, "--days"), ({"faults": "some"}, "--faults")],
)
def test_unusable_arguments_are_named(wrong: dict[str, object], named: str, tmp_path: Path) -> None:
    arguments = {"users": 10, "days": 10, "seed": 1, "until": UNTIL, "faults": "none", **wrong}
    with pytest.raises(BadConfiguration, match=named):
        simulate("unused", **arguments, truth_dir=tmp_path, progress=quiet)  # type: ignore[arg-type]


def test_an_unreachable_source_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="was not written"):
        filled("postgresql://nobody@127.0.0.1:1/none", tmp_path)


def test_advancing_equals_having_lived_that_long(
    fresh_database: Callable[[], str], tmp_path: Path
) -> None:
    stepwise, at_once = fresh_database(), fresh_database()
    for url in (stepwise, at_once):
        apply_schema(url)
    filled(stepwise, tmp_path / "a", faults="all", users=1_500)
    for days in (1, 9, 60):
        touched = advance(stepwise, days=days, truth_dir=tmp_path / "a", progress=quiet)
        assert touched["user_profile"] and touched["ai_usage"] and touched["audio_usage"]
    later = UNTIL + timedelta(days=70)
    world = world_at(Params(1_500, 300, 5, UNTIL, "all"), seconds_of(later))
    with psycopg.connect(at_once) as conn, rewards_by_hand(conn):
        for part in all_written(world):
            for table, frame in part.rows.items():
                copy_piece(conn, table_name(table), part=piece(table, frame))
        write_marker(conn, Marker(world.params, later))
    assert digests(stepwise) == digests(at_once)
    with psycopg.connect(stepwise) as conn:
        assert read_marker(conn) == Marker(world.params, later)


def test_advancing_inserts_updates_in_place_and_deletes(source_url: str, tmp_path: Path) -> None:
    filled(source_url, tmp_path, users=3_000)
    with psycopg.connect(source_url) as conn:
        conn.execute("create table public.before_ids as select user_id from user_profile")
        conn.execute("create table public.before_usage as select id, updated_at from ai_usage")
    advance(source_url, days=60, truth_dir=tmp_path, progress=quiet)
    closed = """
        select count(*) from before_ids
        where user_id not in (select user_id from user_profile)"""
    assert count(source_url, closed) > 10
    updated = (
        "select count(*) from ai_usage u join before_usage b using (id)"
        " where u.updated_at > b.updated_at"
    )
    assert count(source_url, updated) > 1_000
    orphans = "select count(*) from app_logs where user_id is null"
    assert count(source_url, orphans) > 0


def test_nothing_is_dated_after_the_last_day_but_faults_and_plans(
    source_url: str, tmp_path: Path
) -> None:
    filled(source_url, tmp_path, faults="none")
    future_by_design = {("ai_usage", "weekly_reset_date")}
    with psycopg.connect(source_url) as conn:
        for table in TABLES:
            for column in table.columns:
                name = (table.name, column.name)
                if column.type != "timestamptz" or column.name == "expires_at":
                    continue
                if name in future_by_design:
                    continue
                query = sql.SQL("select max({}) < %s from public.{}").format(
                    sql.Identifier(column.name), sql.Identifier(table.name)
                )
                row = conn.execute(query, (f"{UNTIL} 00:00+00",)).fetchone()
                assert row is not None and row[0] in (True, None), name


def test_rows_hang_together_without_faults(source_url: str, tmp_path: Path) -> None:
    filled(source_url, tmp_path, faults="none", users=2_000)
    bank = """
        select count(*) from ai_usage u
        where bank_limit_credits <> (
            select coalesce(sum(credits_amount), 0) from ai_credit_purchases p
            where p.user_id = u.user_id
        )"""
    assert count(source_url, bank) == 0
    unrewarded = """
        select count(*) from user_profile child
        join user_profile parent on parent.referral_code = upper(trim(child.referred_by_code))
        left join referral_credits c on c.referred_user_id = child.user_id
        where (c.id is null) = exists (
            select from subscription_events e
            where e.user_id = child.user_id and e.event_type in ('created', 'renewed')
        )"""
    assert count(source_url, unrewarded) == 0
    assert count(source_url, "select count(*) from referral_credits") > 20
    redeemed = """
        select count(*) from user_discounts d
        where used_at is not null and not exists (
            select from subscription_events e where e.purchase_id = d.purchase_id
        ) and not exists (
            select from ai_credit_purchases e where e.purchase_id = d.purchase_id
        ) and not exists (
            select from custom_course_purchases e where e.purchase_id = d.purchase_id
        )"""
    assert count(source_url, redeemed) == 0
    spent = """
        select count(*) from referral_credits r where used_at is not null and not exists (
            select from custom_courses c join custom_course_purchases p on p.course_id = c.id
            where c.user_id = r.user_id and p.created_at = r.used_at + interval '4 seconds')"""
    assert count(source_url, spent) == 0
    assert count(source_url, "select count(*) from referral_credits where used_at > created_at") > 0
    wrong_sum = "select count(*) from custom_courses where checksum <> md5(data::text)"
    assert count(source_url, wrong_sum) == 0


def test_the_truth_lists_what_it_should(source_url: str, tmp_path: Path) -> None:
    filled(source_url, tmp_path, faults="all")
    assert {path.stem for path in tmp_path.iterdir()} == {
        "receipts", "subscription_periods", "mrr_movements", "hazards", "credits_daily",
        "credit_weeks", "credit_lots", "referral_edges", "deliveries", "faults", "parameters",
        "discount_lifts", "discount_assignments", "referral_rewards", "listening",
    }  # fmt: skip
    used = pl.read_parquet(tmp_path / "credits_daily.parquet")
    bank = count(source_url, "select sum(bank_used_credits) from ai_usage")
    faulty = pl.read_parquet(tmp_path / "faults.parquet").filter(
        pl.col("kind").is_in(["bank_used_above_limit", "bank_counter_fell"])
    )
    assert bank == used["bank_credits"].sum() + 9_000 + 500
    assert len(faulty) == 2
