"""What happened stays true when accounts close, codes change and testers go: three runs."""

from __future__ import annotations

import sys
import uuid
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from pipelines import cli
from pipelines.base.settings import Settings
from pipelines.orchestration.job import run_job
from pipelines.publication.publications import kept_files
from pipelines.publication.targets.engines import ENGINES
from tests.aggregates import Aggregates, aggregates_of
from tests.conftest import new_database
from tests.e2e.pipeline import Business, Pipeline
from tests.erased import assert_nowhere
from tests.target_sample import words_of


@dataclass(frozen=True)
class World:
    """The pipeline and the people of the world; `before`: aggregates before anybody went."""

    pipeline: Pipeline
    people: dict[str, uuid.UUID]
    before: Aggregates


def aggregates(pipeline: Pipeline) -> Aggregates:
    """Every row of every published mart that is about nobody in particular."""
    with duckdb.connect(str(pipeline.settings.published), read_only=True) as con:
        return aggregates_of(con, "main")


def fill(business: Business) -> dict[str, uuid.UUID]:
    """A referral, a customer, a tester, and a cohort in two spellings with a member each."""
    people = {
        "referrer": business.user("2026-09-01", referral_code="UAAAAAA"),
        "referred": business.user("2026-10-05", referred_by_code=" uaaaaaa"),
        "leaver": business.user("2026-09-02", referral_code="ULEAVES", country="Austria"),
        "tester": business.user("2026-09-03", role="tester"),
        "older": business.user("2026-09-04"),
        "newer": business.user("2026-09-05"),
    }
    business.event(people["referred"], "created", "2026-10-06")
    business.add("subscriptions", user_id=people["referred"], plan="premium")  # rewards UAAAAAA
    business.pack(people["leaver"], "2026-09-10", 4000, purchase_id="GPA.LEAVER")
    business.event(people["leaver"], "created", "2026-09-12")
    business.add(
        "ai_usage", user_id=people["leaver"], weekly_limit_credits=0, bank_limit_credits=4000,
        bank_used_credits=1000, updated_at="2026-09-15Z",
    )  # fmt: skip
    business.add(
        "audio_usage", user_id=people["leaver"], course_code="H01ENB", audio_number="1",
        title="x", no_of_plays=3, updated_at="2026-09-16Z",
    )  # fmt: skip
    people["forgetful"] = business.user("2026-09-06", referral_code="UFORGET")
    people["remembers"] = business.user("2026-10-07", referred_by_code="UFORGET")
    business.add("discount_codes", id=uuid.uuid4(), code="WELCOME", product_type="ai_credits")
    people["re-keyed"] = business.user(
        "2026-09-07", referral_code="UREKEYD", referred_by_code="WELCOME"
    )
    business.pack(people["re-keyed"], "2026-09-08", 4000)
    business.event(people["re-keyed"], "created", "2026-09-09")
    people["moved and left"] = business.user("2026-09-08", referral_code="UMOVEDX")
    business.pack(people["moved and left"], "2026-10-08", 4000)
    # somebody else's claim to the leaver's order, and somebody whom the leaver brought
    business.pack(people["older"], "2026-09-20", 4000, purchase_id="GPA.leaver")
    people["brought"] = business.user("2026-09-21", referred_by_code="ULEAVES")
    business.event(people["brought"], "created", "2026-09-25")
    business.add("subscriptions", user_id=people["brought"], plan="premium")
    business.pack(people["tester"], "2026-09-11", 4000)
    business.add(
        "audio_usage", user_id=people["tester"], course_code="H01ENB", audio_number="1",
        title="x", no_of_plays=274,
    )  # fmt: skip
    arms = {"older": "ARM-A", "newer": "arm-a"}
    for number, (who, code) in enumerate(arms.items()):
        cohort_id = uuid.uuid4()
        business.add(
            "cohorts", id=cohort_id, code=code, cohort_type="ab_test",
            created_at=f"2026-08-0{number + 1}",
        )  # fmt: skip
        business.add("user_cohorts", user_id=people[who], cohort_id=cohort_id)
        business.event(people[who], "created", "2026-11-20", expires_at="2026-12-20")
    return people


def re_key(business: Business, old: uuid.UUID) -> uuid.UUID:
    """Put a profile under a new id; what the person bought stays under the old one."""
    new = uuid.uuid4()
    business.add("auth.users", id=new, email=f"{new}@example.org")
    business.execute("update user_profile set user_id = %s where user_id = %s", new, old)
    return new


@pytest.fixture(scope="module")
def world(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """Published; then the code was replaced, leaver and tester closed; published again."""
    with new_database(postgres_url, template=template_database) as url:
        business = Business(url)
        people = fill(business)
        pipeline = Pipeline(tmp_path_factory.mktemp("people"), url)
        pipeline.run()
        before = aggregates(pipeline)
        business.execute(
            "update user_profile set referral_code = 'UBBBBBB', updated_at = now() "
            "where user_id = %s",
            people["referrer"],
        )
        business.execute(
            "update user_profile set referral_code = null, updated_at = now() where user_id = %s",
            people["forgetful"],
        )
        people["new key"] = re_key(business, people["re-keyed"])
        people["moved"] = re_key(business, people["moved and left"])
        for who in ("leaver", "tester"):
            business.execute("delete from auth.users where id = %s", people[who])
        pipeline.run()
        yield World(pipeline, people, before)
        business.connection.close()


def test_no_aggregate_moves_when_accounts_close(world: World) -> None:
    after = aggregates(world.pipeline)
    assert len(after) > 20
    for mart, rows in world.before.items():
        assert after[mart] == rows, mart
    september = "where revenue_month = date '2026-09-01'"
    paid = world.pipeline.value(f"select sum(gross_usd) from revenue_monthly {september}")
    # 2.95 + 4.95 of the leaver and of the re-keyed, 4.95 of whom the leaver brought
    assert paid == Decimal("20.7500")


def test_a_closed_account_is_known_as_it_was(world: World) -> None:
    (row,) = world.pipeline.read(
        "select is_closed, closed_at is not null as is_dated, country, paid_to_date_usd "
        "from dim_users where user_id = ?",
        world.people["leaver"],
    )
    assert row == {
        "is_closed": True, "is_dated": True, "country": "Austria",
        "paid_to_date_usd": Decimal("7.9000"),
    }  # fmt: skip


def test_what_a_closed_account_had_is_kept_and_what_it_holds_now_is_not(world: World) -> None:
    leaver = world.people["leaver"]
    for query, row in (
        ("select consumed_credits, remaining_credits from fct_credit_lots", (1000, 3000)),
        ("select bank_consumed_credits from fct_credit_consumption", (1000,)),
        ("select plays from fct_listening", (3,)),
        ("select min(movement_date), min(mrr_delta_usd) from fct_mrr_movements",
         (date(2026, 9, 12), Decimal("-4.9500"))),
    ):  # fmt: skip
        found = world.pipeline.read(f"{query} where user_id = ?", leaver)
        assert [tuple(one.values()) for one in found] == [row], query
    deleted = "select count(*) from fct_receipts where user_id = ? and source_deleted_at is null"
    assert world.pipeline.value(deleted, leaver) == 0
    assert world.pipeline.read("select 1 from credit_balances where user_id = ?", leaver) == []


def test_a_deleted_code_stays_its_owners(world: World) -> None:
    referrer = world.pipeline.value(
        "select referrer_user_id from fct_referrals where referred_user_id = ?",
        world.people["remembers"],
    )
    assert referrer == world.people["forgetful"]


def test_a_profile_under_a_new_id_is_the_same_person(world: World) -> None:
    """What stands under the old id at the source is found, and counts under the new one."""
    old, new = world.people["re-keyed"], world.people["new key"]
    known = "select user_id, is_closed, paid_to_date_usd from dim_users where user_id in (?, ?)"
    assert world.pipeline.read(known, old, new) == [
        {"user_id": new, "is_closed": False, "paid_to_date_usd": Decimal("7.9000")}
    ]
    buyers = "select distinct user_id from fct_receipts where user_id in (?, ?)"
    assert world.pipeline.read(buyers, old, new) == [{"user_id": new}]
    orphans = world.pipeline.read(
        "select source_table from quality_findings where check_name = 'orphaned_row' "
        "and user_id = ? order by all",
        old,
    )
    assert [row["source_table"] for row in orphans] == [
        "ai_credit_purchases",
        "subscription_events",
    ]


def test_a_replaced_code_stays_its_owners(world: World) -> None:
    (row,) = world.pipeline.read(
        "select referrer_kind, referrer_user_id, reward_status, depth from fct_referrals "
        "where referred_user_id = ?",
        world.people["referred"],
    )
    assert row == {
        "referrer_kind": "user", "referrer_user_id": world.people["referrer"],
        "reward_status": "paid", "depth": 1,
    }  # fmt: skip
    codes = world.pipeline.read(
        "select referral_code from dim_users_history where user_id = ? order by valid_from_at",
        world.people["referrer"],
    )
    assert [row["referral_code"] for row in codes] == ["UAAAAAA", "UBBBBBB"]


def test_a_deleted_tester_is_a_test_user_in_every_mart(world: World) -> None:
    tester = world.people["tester"]
    for mart in ("dim_users", "dim_users_history", "fct_receipts", "fct_listening"):
        rows = world.pipeline.read(f"select is_test from {mart} where user_id = ?", tester)
        assert rows == [{"is_test": True}], mart


def test_a_cohort_spelt_twice_is_one(world: World) -> None:
    members = (world.people["older"], world.people["newer"])
    for mart in ("dim_users", "dim_users_history", "fct_mrr_movements"):
        rows = world.pipeline.read(
            f"select distinct cohort_code from {mart} where user_id in (?, ?)", *members
        )
        assert rows == [{"cohort_code": "ARM-A"}], mart
    segments = world.pipeline.read(
        "select distinct segment from mrr_bridge_by_segment_monthly "
        "where dimension = 'cohort_code' and lower(segment) = 'arm-a'"
    )
    assert segments == [{"segment": "ARM-A"}]
    assert world.pipeline.value("select members from dim_cohorts") == 2


def test_closures_make_no_finding(world: World) -> None:
    found = world.pipeline.read(
        "select check_name from quality_findings where check_name in "
        "('unknown_code', 'reward_without_referral', 'reward_missing')"
    )
    assert found == []


def test_erasing_them_moves_nothing_and_leaves_no_way_back(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a run of Dagster, and by the command; a lake and Parquet are targets of both."""
    leaver = world.people["leaver"]
    places = {"lake": tmp_path / "lake", "parquet": str(tmp_path / "marts")}
    for engine in ("ducklake", "spark"):
        ENGINES[engine].bring(replace(world.pipeline.settings, **places))

    def words() -> dict[str, str]:
        return {name: words_of(Path(place)) for name, place in places.items()}

    assert [name for name, text in words().items() if str(leaver) in text] == [*places]
    with psycopg.connect(str(world.pipeline.settings.source_url)) as con:
        code = "update user_profile set referral_code = 'UNEWKEY' where user_id = %s"
        con.execute(code, [world.people["new key"]])
        for who in ("moved and left", "moved"):  # who had moved to a new id closes the account
            con.execute("delete from auth.users where id = %s", [world.people[who]])
    changed = Pipeline(
        world.pipeline.settings.home.parent,
        str(world.pipeline.settings.source_url),
        closed_account_days=0,
        targets=("ducklake", "spark"),
        **places,
    )
    monkeypatch.setenv("DAGSTER_HOME", "")
    run_job(changed.settings, full_refresh=False, with_reports=False)
    assert [name for name, text in words().items() if str(leaver) in text] == []
    gone = (str(leaver), "ULEAVES", "GPA.LEAVER")
    assert_nowhere(changed.settings, gone)
    assert len(kept_files(changed.settings)) == 2
    after = aggregates(changed)
    for mart, rows in world.before.items():
        assert after[mart] == rows, mart
    assert changed.read("select 1 from dim_users where user_id = ?", leaver) == []
    (row,) = changed.read(
        "select u.is_closed, u.referral_code, r.code, r.reward_status "
        "from fct_referrals r join dim_users u on u.user_id = r.referrer_user_id "
        "where r.referred_user_id = ?",
        world.people["brought"],
    )
    assert (row["is_closed"], row["reward_status"]) == (True, "paid")
    assert row["referral_code"] == row["code"] != "ULEAVES"
    orders = changed.read("select order_id from fct_receipts where lower(order_id) like '%leaver%'")
    assert orders == []
    keys = [world.people[who] for who in ("re-keyed", "new key", "moved and left", "moved")]
    known = changed.read("select user_id from dim_users where user_id in (?, ?, ?, ?)", *keys)
    assert known == [{"user_id": world.people["new key"]}], "one moved, one moved and is erased"
    older = str(world.people["older"])
    assert [name for name, text in words().items() if older in text] == [*places]
    erase_by_command(changed.settings, world.people["older"], monkeypatch)
    assert [name for name, text in words().items() if older in text] == []
    assert_nowhere(changed.settings, [older])


def erase_by_command(
    settings: Settings, person: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`hypnomart erase`, with the home's targets."""
    for name, value in (
        ("HOME", settings.home), ("SOURCE_URL", settings.source_url), ("LAKE", settings.lake),
        ("PARQUET", settings.parquet), ("TARGET", "ducklake,spark"),
        ("REPORTS", settings.reports_dir),
    ):  # fmt: skip
        monkeypatch.setenv(f"HYPNOMART_{name}", str(value))
    monkeypatch.setattr(sys, "argv", ["hypnomart", "erase", str(person)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert not caught.value.code
