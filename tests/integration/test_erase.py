"""A person erased: no word leads back from raw, history, findings or bytes; no row is lost."""

from __future__ import annotations

import re
import shutil
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from psycopg import sql

from checks import store
from checks.reconciliation import table_agrees
from models.errors import BadConfiguration, HypnomartError
from models.tables import TABLES, TABLES_BY_NAME
from pipelines.base.settings import Settings
from pipelines.extract.run import extract
from pipelines.extract.state.manifest import Extraction
from pipelines.publication import places, publications
from pipelines.publication.erasure import erase as erasing
from pipelines.publication.erasure.erase import erase, erase_closed
from pipelines.publication.publish import publish
from pipelines.run.republish import earlier_reports
from pipelines.transform.dbt import run_dbt
from pipelines.transform.marts import Mart
from reports.folders import only_writer
from tests.conftest import new_database
from tests.erased import assert_nowhere
from tests.source_rows import fill, writer
from tests.warehouse import settings_at

EVE = "eeeeeeee-1111-4111-8111-eeeeeeeeeeee"
BOB = "bbbbbbbb-2222-4222-8222-bbbbbbbbbbbb"
COURSE = "cccccccc-3333-4333-8333-cccccccccccc"
ORDER, CODE = "GPA.3141-5926-5358", "UEVESIX"
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
    needles = [EVE.encode(), ORDER.encode(), CODE.encode()]
    # DuckDB keeps a UUID as a number with its sign bit turned, low half first
    high, low = divmod(uuid.UUID(EVE).int, 2**64)
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


def name(url: str, person: str) -> None:
    """Order numbers and a code of the person; Bob claims the same order and came by the code."""
    with writer(url) as conn:
        for table in ("ai_credit_purchases", "subscriptions", "user_discounts"):
            conn.execute(
                f"update {table} set purchase_id = %s where user_id in (%s, %s)",
                [f" {ORDER}", person, BOB],
            )
        conn.execute(
            "update subscription_events set purchase_id = %s where user_id = %s",
            [f"{ORDER.lower()}..0", person],
        )
        conn.execute(
            "update user_profile set referral_code = %s where user_id = %s", [CODE, person]
        )
        conn.execute(
            "update user_profile set referred_by_code = %s where user_id = %s",
            [f" {CODE.lower()} ", BOB],
        )


def run_with_two(home: Settings, source_url: str) -> None:
    """A first run of a business in which Bob holds what Eve does, who alone has told her name."""
    fill(source_url, 6)
    give(source_url, EVE)
    give(source_url, BOB)
    name(source_url, EVE)
    run(home, source_url, "one")


def test_a_person_stands_under_random_words_and_stays_so(home: Settings, source_url: str) -> None:
    run_with_two(home, source_url)
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
    rows = {t.name: query(home, f"select count(*) from raw.{t.name}") for t in TABLES}

    built = replace(home, engine="postgres").warehouse
    built.parent.mkdir()
    home.spark_files.mkdir()
    shutil.copy(home.warehouse, built)
    done = erase(home, EVE)

    left = built.parent.exists() or home.spark_files.exists()
    assert not left, "what another engine built names the person too"
    assert done.raw == dict.fromkeys([*OWNED, "custom_course_purchases"], 1)
    assert done.history == {"ai_usage": 1}  # the version before the update
    assert_gone(home)
    assert_agreement(home)
    assert {t.name: query(home, f"select count(*) from raw.{t.name}") for t in TABLES} == rows
    assert query(home, "select explanation from quality.findings") == [("y",)]
    assert query(home, "select count(*) from duckdb_tables() where schema_name = 'marts'") == [(0,)]
    ((word,),) = query(home, "select user_id from meta.erased")
    assert_one_word(home, word)

    third = run(home, source_url, "three")
    assert third.notes == () and sum(t.changed_rows + t.deleted_rows for t in third.tables) == 0
    with writer(source_url) as conn:  # Bob claims an order that will turn out to be the person's
        claim = "update course_purchases set purchase_id = %s where user_id = %s"
        conn.execute(claim, ["gpa.new", BOB])
    run(home, source_url, "claimed")
    with writer(source_url) as conn:
        conn.execute(claim, ["gpa.new ", BOB])
    run(home, source_url, "claimed again")
    with writer(source_url) as conn:  # the person goes on using the app
        for table in OWNED:
            conn.execute(f"update {table} set user_id = user_id")
        conn.execute("update custom_course_purchases set source = 's'")
        conn.execute("insert into app_logs (user_id, log_type) values (%s, 'x')", [EVE])
        conn.execute(
            "update ai_credit_purchases set purchase_id = 'GPA.NEW', status = 'refunded' "
            "where user_id = %s",
            [EVE],
        )
        conn.execute("update user_profile set referral_code = 'UNEWEVE' where user_id = %s", [EVE])
        conn.execute(
            "update user_profile set referred_by_code = ' uneweve' where user_id = %s", [BOB]
        )
    run(home, source_url, "four")
    assert_gone(home)
    assert_agreement(home)
    assert_one_code(home, word)
    held = query(home, f"select referral_code from history.user_profile where user_id = '{word}'")
    assert [bool(re.fullmatch("U[A-Z0-9]{6}", code)) for (code,) in held] == [True, True]
    assert len({*held, ("UNEWEVE",)}) == 3
    assert query(home, f"select count(*) from raw.app_logs where user_id = '{word}'") == [(2,)]
    orders = query(
        home,
        f"select trim(purchase_id) from raw.ai_credit_purchases where user_id = '{word}' union all "
        f"select trim(purchase_id) from history.course_purchases where user_id = '{BOB}' "
        "and _run_id like 'claimed%'",
    )
    assert len(orders) == 3 and len({*orders, ("GPA.NEW",), ("gpa.new",)}) == 3
    run(home, source_url, "five", full_refresh=True)
    assert_gone(home)
    assert_agreement(home)

    with writer(source_url) as conn:  # at last the source lets go too
        for table in OWNED:
            conn.execute(f"delete from {table} where user_id = %s", [EVE])
        conn.execute("delete from custom_course_purchases where course_id = %s", [COURSE])
        conn.execute("update referral_credits set referred_user_id = null")
        conn.execute("update discount_codes set referrer_user_id = null")
    run(home, source_url, "six")
    assert_agreement(home)
    assert query(home, f"select count(*) from raw.user_profile where user_id = '{word}'") == [(0,)]
    assert query(home, f"select count(*) from raw.ai_usage where user_id = '{BOB}'") == [(1,)]
    # the person's id is forgotten; order and code are not while Bob's rows still carry them
    kinds = query(home, "select distinct kind from meta.erased_words")
    assert {("code",), ("order",)} <= set(kinds)
    assert ("person",) not in kinds
    assert erase(home, word).raw == {}, "who was erased is not erased again"


def assert_one_word(home: Settings, word: uuid.UUID) -> None:
    """Eve's order and code are one word each, in Bob's rows too; renewals keep their number."""
    ((order,), (bobs,)) = query(
        home,
        f"select trim(purchase_id) from raw.ai_credit_purchases where user_id = '{word}' "
        f"union all select trim(purchase_id) from raw.subscriptions where user_id = '{BOB}'",
    )
    assert order == bobs
    renewed = f"select purchase_id from raw.subscription_events where user_id = '{word}'"
    assert query(home, renewed) == [(f"{order}..0",)]
    assert_one_code(home, word)


def assert_one_code(home: Settings, word: uuid.UUID) -> None:
    """Bob came by Eve's code."""
    codes = query(
        home,
        f"select referral_code from raw.user_profile where user_id = '{word}' union all "
        f"select referred_by_code from raw.user_profile where user_id = '{BOB}'",
    )
    assert codes[0] == codes[1]


def test_accounts_closed_long_ago_are_erased_by_the_next_run(
    home: Settings, source_url: str
) -> None:
    run_with_two(home, source_url)
    with writer(source_url) as conn:
        for table in OWNED:
            conn.execute(f"delete from {table} where user_id = %s", [EVE])
        conn.execute("update referral_credits set referred_user_id = null")
        conn.execute("update discount_codes set referrer_user_id = null")
    done = run(home, source_url, "two")
    month = timedelta(days=30)
    assert erase_closed(home, as_of_at=done.as_of_at + month - timedelta(seconds=1)) == 0
    versions = "select count(*) from history.ai_credit_purchases"
    before = query(home, versions)
    assert erase_closed(home, as_of_at=done.as_of_at + month) == 1
    assert_gone(home)
    assert query(home, versions) == before
    assert erase_closed(home, as_of_at=done.as_of_at + 2 * month) == 0
    with writer(source_url) as conn:  # read again, under the word that the code was replaced by
        conn.execute("update user_profile set country = 'Austria' where user_id = %s", [BOB])
    run(home, source_url, "three")
    assert_gone(home)
    codes = query(
        home,
        f"select count(distinct code) from (select referral_code as code from past.user_profile "
        f"where user_id in (select user_id from meta.erased) union all "
        f"select referred_by_code from history.user_profile where user_id = '{BOB}')",
    )
    assert codes == [(1,)]


def test_who_was_re_keyed_is_erased_under_every_id(home: Settings, source_url: str) -> None:
    """The code changed between; what stands under the old id at the source comes under one too."""
    new = "dddddddd-4444-4444-8444-dddddddddddd"
    run_with_two(home, source_url)
    with writer(source_url) as conn:
        conn.execute("update user_profile set user_id = %s where user_id = %s", [new, EVE])
    run(home, source_url, "two")
    with writer(source_url) as conn:
        conn.execute("update user_profile set referral_code = 'UNEXT' where user_id = %s", [new])
    done = run(home, source_url, "three")
    assert erase_closed(home, as_of_at=done.as_of_at + timedelta(days=300)) == 0
    erase(home, new)
    assert_gone(home)
    held = "select count(*) from history.user_profile where user_id = ? or referral_code = 'UNEXT'"
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        assert con.execute(held, [new]).fetchall() == [(0,)]
    run(home, source_url, "four", full_refresh=True)
    assert_gone(home)
    assert query(home, "select count(*) from meta.erased") == [(2,)]


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


def test_of_somebody_unknown_nothing_is_kept(home: Settings, source_url: str) -> None:
    run(home, source_url, "one")
    assert erase(home, uuid.UUID(EVE)).raw == {}
    assert query(home, "select count(*) from meta.erased_words") == [(0,)]


def test_who_was_left_out_by_an_earlier_version_comes_under_a_random_id(
    home: Settings, source_url: str
) -> None:
    run(home, source_url, "one")
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute("create table meta.erased_persons (person_hash VARCHAR, erased_at TIMESTAMP)")
        con.execute(
            "insert into meta.erased_persons select sha256(salt || ':' || ?), now()::TIMESTAMP "
            "from meta.erasure_salt",
            [EVE],
        )
    fill(source_url, 3)
    give(source_url, EVE)
    run(home, source_url, "two")
    assert query(home, f"select count(*) from raw.ai_usage where user_id = '{EVE}'") == [(0,)]
    erased = "select count(*) from raw.ai_usage where user_id in (select user_id from meta.erased)"
    assert query(home, erased) == [(1,)]
    assert_agreement(home)


def test_kept_publications_stand_under_the_same_words(home: Settings, source_url: str) -> None:
    run_with_two(home, source_url)
    kept = home.published.parent / "earlier" / "one.duckdb"
    kept.parent.mkdir(parents=True)
    with duckdb.connect(str(kept)) as con:
        con.execute("create table fct (user_id uuid, order_id varchar, movement_id varchar)")
        con.execute("insert into fct values (?, ?, ?)", [EVE, f"{ORDER}..1", f"{EVE}:2026-01-01"])
        con.execute("insert into fct values (?, ?, ?)", [BOB, ORDER, f"{BOB}:2026-01-01"])
    erase(home, EVE)
    assert_gone(home)
    ((word,),) = query(home, "select user_id from meta.erased")
    with duckdb.connect(str(kept), read_only=True) as con:
        (eve, bob) = con.execute("from fct order by user_id = ?", [BOB]).fetchall()
    assert eve == (word, f"{bob[1]}..1", f"{word}:2026-01-01")
    assert (str(bob[0]), bob[2]) == (BOB, f"{BOB}:2026-01-01")


OTHER = "aaaaaaaa-5555-4555-8555-aaaaaaaaaaaa"
HASH = "5e7" * 21 + "f"
NEEDLES = (EVE, ORDER, CODE, HASH)
MARTS = """
create schema if not exists marts;
create or replace table marts.dim_users as
    select user_id, referral_code, referred_by_code from raw.user_profile;
comment on table marts.dim_users is 'One row per user.';
create or replace table marts.fct_receipts as
    select 'ai_credit_purchases:' || id as receipt_id, user_id, purchase_id as order_id,
        purchase_token_hash as token_hash
    from raw.ai_credit_purchases;
"""


def publish_small(home: Settings, run_id: str, *keys: str) -> None:
    """Build two marts and publish them beside a failed check that names rows by keys."""
    with duckdb.connect(str(home.warehouse)) as con:
        store.create_tables(con)
        con.execute(MARTS)
        con.execute("delete from quality.quality_results")
        con.execute(
            "insert into quality.quality_results (run_id, failing_keys) values (?, ?)",
            [run_id, ", ".join(keys)],
        )
    marts = [
        Mart(name, schema, "area", "row", "question", "at once", None, key, (), ())
        for name, schema, key in (
            ("dim_users", "marts", ("user_id",)),
            ("fct_receipts", "marts", ("receipt_id",)),
            ("quality_results", "quality", ("run_id", "check_name")),
        )
    ]
    publish(home, run_id=run_id, marts=marts)


@pytest.fixture(scope="module")
def published_once(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A home that has published Eve twice, in columns and in lists of keys."""
    folder = tmp_path_factory.mktemp("published")
    home = settings_at(folder)
    with new_database(postgres_url, template=template_database) as url:
        fill(url, 6)
        give(url, EVE)
        give(url, BOB)
        name(url, EVE)
        run(home, url, "one")
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute(
            "update raw.ai_credit_purchases set purchase_token_hash = ? where user_id = ?",
            [HASH, EVE],
        )
        con.execute("create table meta.tested as select ? as failing_keys", [f"{OTHER}, {EVE}"])
    for run_id in ("one", "two"):
        publish_small(home, run_id, OTHER, EVE, EVE.upper(), f"{EVE}:2026", OTHER)
    with pytest.raises(AssertionError):
        assert_nowhere(home, NEEDLES)
    yield folder


@pytest.fixture
def published(published_once: Path, tmp_path: Path) -> Settings:
    """A copy of that home."""
    shutil.copytree(published_once / "home", tmp_path / "home")
    return settings_at(tmp_path)


def test_no_publication_brings_a_person_back(published: Settings) -> None:
    """The one that stood when the person was erased is kept by the next, and can be returned to."""
    with duckdb.connect(str(published.published), read_only=True) as reader:
        erase(published, EVE)
        held = "select count(*) from dim_users where user_id = ?"
        assert reader.execute(held, [EVE]).fetchone() == (1,), "who has it open keeps it"
    assert_nowhere(published, NEEDLES)
    publish_small(published, "three")
    assert [one.run_id for one in publications.earlier(published)] == ["two", "one"]
    assert_nowhere(published, NEEDLES)
    publications.roll_back(published)
    assert_nowhere(published, NEEDLES)
    ((word,),) = query(published, "select user_id from meta.erased")
    with duckdb.connect(str(published.published), read_only=True) as con:
        assert con.execute("select run_id, erased from meta.publication").fetchone() == ("two", 1)
        (keys,) = con.execute("select failing_keys from quality_results").fetchone() or ("",)
        assert keys == f"{OTHER}, {word}, {word}, {word}:2026, {OTHER}"
        comment = "select comment from duckdb_tables() where table_name = 'dim_users'"
        assert con.execute(comment).fetchone() == ("One row per user.",)
        joined = con.execute(
            "select count(*) from fct_receipts join dim_users using (user_id) where user_id = ?",
            [word],
        ).fetchone()
    assert joined == (1,)


def test_what_home_published_before_a_folder_was_named_for_it_is_rewritten_too(
    published: Settings, tmp_path: Path
) -> None:
    """Once the folder is no longer named, one returns to it."""
    elsewhere = replace(published, published_dir=tmp_path / "shared")
    publish_small(elsewhere, "three", EVE)
    left = published.published.parent / f"{publications.BUILDING}killed"
    left.mkdir()
    (left / "left").write_text(EVE)
    erase(elsewhere, EVE)
    assert_nowhere(published, NEEDLES)
    assert_nowhere(replace(elsewhere, home=tmp_path / "shared"), NEEDLES)
    publications.roll_back(published)
    assert [one.run_id for one in publications.earlier(published)] == ["two"]


@pytest.mark.parametrize("is_mount_point", [False, True])
def test_a_folder_that_is_no_longer_named_is_reached_too(
    published: Settings, tmp_path: Path, is_mount_point: bool
) -> None:
    """Two were named, one after the other; then none. One that is away is told by name first."""
    first, second = (replace(published, published_dir=tmp_path / name) for name in ("a", "b"))
    for number, place in enumerate((first, second, first, published)):
        publish_small(place, f"at-{number}", EVE)
    away = tmp_path / "away"
    (tmp_path / "a").rename(away)
    if is_mount_point:  # which stays, empty, where a drive is taken away
        (tmp_path / "a").mkdir()
    with pytest.raises(HypnomartError, match=rf"{tmp_path}/a, where.*its line in .*published_to"):
        erase(published, EVE)
    assert query(published, f"select count(*) from raw.user_profile where user_id = '{EVE}'") == [
        (1,)
    ]
    if is_mount_point:
        (tmp_path / "a").rmdir()
    away.rename(tmp_path / "a")
    assert erase(published, EVE).raw["user_profile"] == 1
    for place in (published, *(replace(published, home=tmp_path / name) for name in ("a", "b"))):
        assert_nowhere(place, NEEDLES)
    assert len(publications.kept_files(first)) == 1


def test_orders_and_codes_among_failing_keys_go_too(published: Settings) -> None:
    publish_small(published, "three", f"{ORDER.lower()}..2", OTHER)
    erase(published, EVE)
    assert_nowhere(published, NEEDLES)


def test_a_publication_that_cannot_be_read_is_named_before_anything_is_erased(
    published: Settings,
) -> None:
    noise = places.kept_folder(published) / "20260101T000000000000.duckdb"
    noise.write_bytes(b"noise" * 800)
    with pytest.raises(HypnomartError, match=rf"{noise} is damaged.*delete it and try again"):
        erase(published, EVE)
    assert query(published, f"select count(*) from raw.user_profile where user_id = '{EVE}'") == [
        (1,)
    ]
    noise.unlink()
    assert erase(published, EVE).raw["user_profile"] == 1
    assert_nowhere(published, NEEDLES)


class Stopped(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("at", ["rewrite_publications", "synchronise", "rewrite", "sweep"])
def test_an_erasure_that_was_stopped_is_finished_by_the_next(
    published: Settings, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise Stopped

    beside = places.kept_folder(published) / "20260101T000000000000.duckdb.erasing.rewritten"
    beside.write_text(EVE)
    with monkeypatch.context() as stopping, pytest.raises(Stopped):
        stopping.setattr(erasing, at, stop)
        erase(published, EVE)
    erase(published, EVE)
    assert_gone(published)
    assert_nowhere(published, NEEDLES)
    assert [path for path in published.home.rglob("*") if ".erasing" in path.name] == []


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


def test_a_report_that_is_being_written_is_waited_for_and_named(home: Settings) -> None:
    day = home.reports_dir / "2026-01-31"
    named: list[str] = []
    with only_writer(home.reports_dir):
        erasure = threading.Thread(target=lambda: named.extend(earlier_reports(home.reports_dir)))
        erasure.start()
        time.sleep(0.2)
        day.mkdir()
        (day / "manifest.json").write_text("{}", encoding="utf-8")
    erasure.join()
    assert named == [day.name]
