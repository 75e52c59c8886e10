"""A person erased: gone from raw, history, findings and bytes, and not brought back."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from psycopg import sql

from checks.reconciliation import table_agrees
from models.errors import BadConfiguration
from models.tables import TABLES, TABLES_BY_NAME
from pipelines.erase import earlier_reports, erase
from pipelines.extract.bookkeeping import Extraction
from pipelines.extract.run import extract
from pipelines.settings import Settings
from pipelines.transform import run_dbt
from tests.source_rows import fill, writer
from tests.warehouse import settings_at

EVE = "eeeeeeee-1111-4111-8111-eeeeeeeeeeee"
BOB = "bbbbbbbb-2222-4222-8222-bbbbbbbbbbbb"
COURSE = "cccccccc-3333-4333-8333-cccccccccccc"
OWNED = [t.name for t in TABLES if any(c.name == "user_id" for c in t.columns)]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return settings_at(tmp_path)


def run(home: Settings, url: str, run_id: str, **options: Any) -> Extraction:
    return extract(home, source_url=url, run_id=run_id, progress=lambda _: None, **options)


def query(home: Settings, text: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        return con.execute(text).fetchall()


def give(url: str, person: str) -> None:
    """One row of every table with a user to the person; one course with its purchase; one
    mention in somebody else's reward and one in a discount code."""
    with writer(url) as conn:
        for name in OWNED:
            (key,) = TABLES_BY_NAME[name].key
            statement = sql.SQL(
                "update public.{0} set user_id = %s where {1} = (select {1} from public.{0} "
                "where user_id not in (%s, %s) order by {1} limit 1)"
            ).format(sql.Identifier(name), sql.Identifier(key))
            conn.execute(statement, [person, EVE, BOB])
        conn.execute("update custom_courses set id = %s where user_id = %s", [COURSE, EVE])
        for name, column, value in (
            ("custom_course_purchases", "course_id", COURSE),
            ("referral_credits", "referred_user_id", EVE),
            ("discount_codes", "referrer_user_id", EVE),
        ):
            conn.execute(
                f"update {name} set {column} = %s where id = (select max(id::text)::uuid "
                f"from {name})",
                [value],
            )


def assert_agreement(home: Settings) -> None:
    """What the check between source and warehouse says."""
    with duckdb.connect(str(home.warehouse)) as con:
        for table in TABLES:
            assert table_agrees(con, table).status == "passed", table.name


def assert_gone(home: Settings) -> None:
    needles = [EVE.encode(), COURSE.encode()]
    # DuckDB keeps a UUID as a number with its sign bit turned, low half first
    for text in (EVE, COURSE):
        high, low = divmod(uuid.UUID(text).int, 2**64)
        turned = high ^ (1 << 63)
        needles.append(low.to_bytes(8, "little") + turned.to_bytes(8, "little"))
    for path in home.home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(needle in content for needle in needles), path


def test_the_bytes_sought_are_the_bytes_that_a_file_holds(home: Settings, source_url: str) -> None:
    """Else `assert_gone` would prove nothing."""
    fill(source_url, 3)
    give(source_url, EVE)
    run(home, source_url, "one")
    with pytest.raises(AssertionError):
        assert_gone(home)


def test_a_person_leaves_everything_and_is_not_brought_back(
    home: Settings, source_url: str
) -> None:
    fill(source_url, 6)
    give(source_url, EVE)
    give(source_url, BOB)
    run(home, source_url, "one")
    with writer(source_url) as conn:
        conn.execute("update ai_usage set weekly_used_credits = 3")
    run(home, source_url, "two")
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute("create schema quality")
        con.execute("create table quality.findings (user_id uuid, explanation varchar)")
        con.execute("insert into quality.findings values (?, 'x')", [EVE])
        con.execute("insert into quality.findings values (null, ?)", [f"replayed by {EVE}"])
        con.execute("insert into quality.findings values (?, 'y')", [BOB])
        con.execute("create schema marts")
        con.execute("create table marts.dim_users as from raw.user_profile")

    done = erase(home, EVE)

    assert done.raw == dict.fromkeys([*OWNED, "custom_course_purchases"], 1)
    assert done.history["ai_usage"] == 2
    assert "app_logs" not in done.history
    assert_gone(home)
    assert_agreement(home)
    assert query(home, "select explanation from quality.findings") == [("y",)]
    assert query(home, "select count(*) from duckdb_tables() where schema_name = 'marts'") == [(0,)]
    assert query(home, "select count(*) from raw.referral_credits") == [(5,)]
    hashed = query(home, "select person_hash from meta.erased_persons")
    assert len(hashed) == 1 and len(hashed[0][0]) == 64

    third = run(home, source_url, "three")
    assert third.notes == () and sum(t.changed_rows + t.deleted_rows for t in third.tables) == 0
    with writer(source_url) as conn:  # the person goes on using the app
        for name in OWNED:
            conn.execute(f"update {name} set user_id = user_id")
        conn.execute("update custom_course_purchases set source = 's'")
        conn.execute("insert into app_logs (user_id, log_type) values (%s, 'x')", [EVE])
        conn.execute(
            "insert into custom_course_purchases (course_id, purchase_id, purchase_token, source, "
            "link_token) values (%s, 'o', 't', 's', 'l')",
            [COURSE],
        )
    run(home, source_url, "four")
    assert_gone(home)
    assert_agreement(home)
    run(home, source_url, "five", full_refresh=True)
    assert_gone(home)
    assert_agreement(home)

    with writer(source_url) as conn:  # at last the source lets go too
        for name in OWNED:
            conn.execute(f"delete from {name} where user_id = %s", [EVE])
        conn.execute("delete from custom_course_purchases where course_id = %s", [COURSE])
    last = run(home, source_url, "six")
    assert_agreement(home)
    assert sum(table.deleted_rows for table in last.tables) == 0
    assert query(home, "select count(*) from meta.suppressed_rows") == [(0,)]
    ((left,),) = query(home, f"select count(*) from raw.ai_usage where user_id = '{BOB}'")
    assert left == 1


def test_a_row_that_comes_to_belong_to_somebody_erased_leaves(
    home: Settings, source_url: str
) -> None:
    fill(source_url, 3)
    give(source_url, EVE)
    run(home, source_url, "one")
    erase(home, EVE)
    with psycopg.connect(source_url) as conn:
        conn.execute("set session_replication_role = replica")
        ((taken,),) = conn.execute(
            "update analytics set user_id = %s where id = (select id from analytics where "
            "user_id <> %s limit 1) returning id",
            [EVE, EVE],
        ).fetchall()
    done = run(home, source_url, "two")
    assert query(home, f"select count(*) from raw.analytics where id = '{taken}'") == [(0,)]
    assert next(t for t in done.tables if t.table_name == "analytics").deleted_rows == 1
    assert_agreement(home)


def test_what_is_reached_through_a_row_follows_its_owner(home: Settings, source_url: str) -> None:
    """A course goes to somebody else, or comes to the person: so do its purchases."""
    fill(source_url, 3)
    give(source_url, EVE)
    run(home, source_url, "one")
    erase(home, EVE)
    bought = f"select count(*) from raw.custom_course_purchases where course_id = '{COURSE}'"
    for owner, purchases in ((BOB, 1), (EVE, 0), (BOB, 1)):
        with writer(source_url) as conn:
            conn.execute("update custom_courses set user_id = %s where id = %s", [owner, COURSE])
        run(home, source_url, f"to {owner} again")
        assert query(home, bought) == [(purchases,)]
        assert_agreement(home)


def test_what_killed_runs_left_goes_too(home: Settings, source_url: str) -> None:
    fill(source_url, 3)
    give(source_url, EVE)
    run(home, source_url, "one")
    spill = home.home / f"{home.warehouse.name}.tmp"
    building = home.published.parent / ".building-killed"
    for folder in (spill, building):
        folder.mkdir(parents=True)
        (folder / "left").write_text(EVE)
    first = home.home / f"{home.warehouse.name}.first"
    for path in (first, first.with_name(f"{first.name}.wal")):
        path.write_text(EVE)
    erase(home, EVE)
    held = [
        path
        for path in home.home.rglob("*")
        if path.is_file() and EVE.encode() in path.read_bytes()
    ]
    assert held == []
    assert not (spill.exists() or building.exists() or first.exists())


def test_somebody_unknown_is_kept_out_from_the_start(home: Settings, source_url: str) -> None:
    run(home, source_url, "one")
    assert erase(home, uuid.UUID(EVE)).raw == {}
    erase(home, EVE)  # twice is once
    assert query(home, "select count(*) from meta.erased_persons") == [(1,)]
    fill(source_url, 3)
    give(source_url, EVE)
    run(home, source_url, "two")
    assert_gone(home)
    assert_agreement(home)


def test_what_cannot_be_erased_is_told(home: Settings) -> None:
    with pytest.raises(BadConfiguration, match="not a UUID"):
        erase(home, "eve")
    with pytest.raises(BadConfiguration, match="does not exist"):
        erase(home, EVE)


def test_what_dbt_keeps_of_its_build_does_not_name_the_person(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.home.mkdir()
    monkeypatch.setattr(sys, "argv", ["hypnomart", "erase", EVE])
    run_dbt(home, "seed", "--quiet", "--select", "discount_map")
    files = [path for path in home.home.rglob("*") if path.is_file()]
    assert "run_results.json" in {path.name for path in files}
    assert [path.name for path in files if EVE.encode() in path.read_bytes()] == []
    assert sys.argv == ["hypnomart", "erase", EVE]


def test_days_with_reports_written_before_are_named(home: Settings) -> None:
    assert earlier_reports(home.reports_dir) == []
    for day in ("2026-02-01", "2026-01-31"):
        (home.reports_dir / day).mkdir(parents=True)
        (home.reports_dir / day / "manifest.json").write_text("{}", encoding="utf-8")
    assert earlier_reports(home.reports_dir) == ["2026-01-31", "2026-02-01"]
