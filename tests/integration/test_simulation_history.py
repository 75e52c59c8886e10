"""A simulated business looked at again and again: what only the sequence of extractions shows.

Each extraction is put at the simulated midnight that it stands for.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.simulation import advance, simulate
from models.simulation.subjects.credits.behaviour import LONGEST_RECORDING
from pipelines.base.settings import Settings
from tests.conftest import new_database
from tests.detection import look
from tests.warehouse import build, read, settings_at

UNTIL = date(2026, 10, 31)
STEPS = (3, 3, 4, 2, 5)  # days between looks; allowance weeks begin on 3, 10 and 17 November


@dataclass(frozen=True)
class Watched:
    """A warehouse with six looks, first and last simulated day, plays as lived at each look."""

    settings: Settings
    first: date
    last: date
    lived: tuple[tuple[date, Path], ...]

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query on marts, history and {truth} tables."""
        return read(self.settings, query)


@pytest.fixture(scope="module")
def watched(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """A business of 4,000 users with every fault, seen six times in seventeen days."""
    settings = settings_at(tmp_path_factory.mktemp("history"))
    day = UNTIL
    with new_database(postgres_url, template=template_database) as url:
        simulate(
            url, users=4_000, days=400, seed=21, until=day, faults="all",
            truth_dir=settings.truth_dir, progress=lambda _: None,
        )  # fmt: skip
        look(settings, url, 0, day)
        lived = [(day, kept_plays(settings, 0))]
        for number, days in enumerate(STEPS, start=1):
            day += timedelta(days=days)
            advance(url, days=days, truth_dir=settings.truth_dir, progress=lambda _: None)
            look(settings, url, number, day)
            lived.append((day, kept_plays(settings, number)))
    build(
        settings, "fct_credit_consumption", "fct_listening", "fct_receipts", "fct_credit_lots",
        "credit_liability_monthly",
    )  # fmt: skip
    yield Watched(settings, UNTIL, day, tuple(lived))


def kept_plays(settings: Settings, number: int) -> Path:
    """A copy of the truth of listening, which the next day overwrites."""
    kept = settings.truth_dir.parent / f"listening_{number}.parquet"
    shutil.copy(settings.truth_dir / "listening.parquet", kept)
    return kept


def truth(watched: Watched, name: str) -> str:
    return f"read_parquet('{watched.settings.truth_dir / name}.parquet')"


def test_consumption_lies_within_its_own_bounds(watched: Watched) -> None:
    # The first version of who came later is no interval; where the allowance changed between
    # looks, the old limit bounds nothing; planted balances lie.
    compared = watched.rows(f"""
        with observed as (
            select user_id, sum(weekly_consumed_credits) as lower,
                sum(weekly_consumed_credits + max_unobserved_credits) as upper,
                sum(bank_consumed_credits) as bank, sum(resets_between) as resets
            from fct_credit_consumption where observed_from_at is not null group by 1
        ),
        steady as (
            select user_id from history.ai_usage
            where _op <> 'delete' group by 1 having count(distinct weekly_limit_credits) = 1
        ),
        used as (
            select user_id::uuid as user_id, sum(weekly_credits) as weekly,
                sum(bank_credits) as bank
            from {truth(watched, "credits_daily")} where date >= date '{watched.first}' group by 1
        ),
        planted as (select user_id::uuid as user_id from {truth(watched, "faults")})
        select lower, upper, resets, observed.bank,
            coalesce(used.weekly, 0) as true_weekly, coalesce(used.bank, 0) as true_bank
        from observed join steady using (user_id) join raw.ai_usage using (user_id)
        left join used using (user_id)
        where ai_usage.created_at < timestamp '{watched.first}'
            and user_id not in (select user_id from planted where user_id is not null)""")
    assert len(compared) > 3_000
    assert sum(row["true_weekly"] > 0 for row in compared) > 50
    for row in compared:
        assert row["lower"] <= row["true_weekly"], row
        # a started turn may exceed the limit, once in each week
        assert row["true_weekly"] <= row["upper"] + LONGEST_RECORDING * row["resets"], row
        assert row["bank"] == row["true_bank"], row


def test_use_between_looks_of_one_week_is_exact(watched: Watched) -> None:
    # 31 October to 3 November lie in one allowance week
    second = watched.first + timedelta(days=STEPS[0])
    exact = watched.rows(f"""
        select c.user_id, c.weekly_consumed_credits as seen, sum(t.weekly_credits) as lived
        from fct_credit_consumption c
        join {truth(watched, "credits_daily")} t on t.user_id::uuid = c.user_id
            and t.date >= date '{watched.first}' and t.date < date '{second}'
        where c.observed_from_at is not null and c.resets_between = 0
            and c.observed_to_at < timestamp '{second}'
        group by all""")
    assert len(exact) > 20
    assert all(row["seen"] == row["lived"] for row in exact)


def planted(watched: Watched, kind: str) -> list[str]:
    faults = pl.read_parquet(watched.settings.truth_dir / "faults.parquet")
    ids: list[str] = faults.filter(pl.col("kind") == kind)["row_id"].to_list()
    assert ids
    return ids


def test_a_play_counter_that_falls_is_a_reset(watched: Watched) -> None:
    for row_id in planted(watched, "plays_counter_fell"):
        versions = watched.rows(f"""
            select no_of_plays from history.audio_usage where id = '{row_id}' order by _seen_at""")
        assert [version["no_of_plays"] for version in versions] == [40, 2]
    resets = watched.rows(
        "select count(*) as n from fct_listening where course_code = 'H23ENB' and is_counter_reset"
    )
    assert resets[0]["n"] == len(planted(watched, "plays_counter_fell"))


def test_plays_between_looks_are_those_lived_unless_a_reinstall_hid_some(watched: Watched) -> None:
    hidden, compared = 0, 0
    for (begin, before), (end, after) in pairwise(watched.lived):
        rows = watched.rows(f"""
            with lived as (
                select n.user_id::uuid as user_id, course_code, audio_number,
                    n.plays - coalesce(o.plays, 0) as lived, o.plays is null as is_new,
                    coalesce(n.counter_reset_at >= timestamp '{begin}', false) as is_reset
                from read_parquet('{after}') as n
                left join read_parquet('{before}') as o using (user_id, course_code, audio_number)
                where n.user_id not in (
                    select user_id from {truth(watched, "faults")}
                    where kind in ('profile_rekeyed', 'account_closed'))
            ),
            seen as (
                select user_id, course_code, audio_number, sum(plays) as seen,
                    bool_or(is_counter_reset) as fell
                from fct_listening
                where observed_date >= date '{begin}' and observed_date < date '{end}'
                group by all
            )
            select *, coalesce(seen, 0) as seen, coalesce(fell, false) as fell
            from lived left join seen using (user_id, course_code, audio_number)""")
        for row in rows:
            assert row["seen"] <= row["lived"], row
            assert row["seen"] == row["lived"] or row["is_reset"], row
            assert row["is_reset"] or not row["fell"], row
            hidden += row["is_reset"] and row["fell"]
            compared += row["lived"] > 0
    assert compared > 1_000
    assert hidden > 3


def test_credits_are_earned_in_the_month_in_which_their_use_was_seen(watched: Watched) -> None:
    """Use of 31 October that a later one hid before the next look counts in November."""
    compared = watched.rows(f"""
        with lots as (
            select * from {truth(watched, "credit_lots")}
            where user_id not in (
                select user_id from {truth(watched, "credit_lots")} where refunded_at is not null)
        ),
        second as (
            select user_id, updated_at < timestamp '2026-11-01' as is_october
            from history.ai_usage where _run_id = 'run-1'
        ),
        used as (
            select d.user_id, sum(bank_credits) as used
            from {truth(watched, "credits_daily")} as d
            left join second on second.user_id = d.user_id::uuid
            where date < date '2026-10-31'
                or date = date '2026-10-31' and coalesce(is_october, false)
            group by 1
        ),
        lived as (
            select lot_id, debt_credits, consumed_credits + debt_credits as given_credits,
                least(credits, greatest(0,
                coalesce(used, 0) + credits - sum(credits) over (
                    partition by user_id order by purchased_at, lot_id))) as october
            from lots left join used using (user_id) where purchased_at < timestamp '2026-11-01'
        ),
        seen as (
            select lot_id, sum(credits) as seen,
                sum(credits) filter (where movement_type = 'debt') as debt,
                sum(credits) filter (where movement_month <= date '2026-10-01') as october
            from int_credit_lot_movements where movement_type in ('consume', 'debt') group by 1
        )
        select lot_id, coalesce(seen.seen, 0) as seen, lived.given_credits as lived,
            coalesce(seen.debt, 0) as seen_debt, lived.debt_credits as lived_debt,
            coalesce(seen.october, 0) as seen_october, lived.october
        from lived left join seen using (lot_id)""")
    assert len(compared) > 200
    assert any(row["lived"] > row["october"] for row in compared)
    for row in compared:
        assert row["seen"] == row["lived"], row
        assert row["seen_october"] == row["october"], row
        assert row["seen_debt"] <= row["lived_debt"], row  # a look may come too late to tell
    months = watched.rows("""
        select sum(consumed_credits) as n from credit_liability_monthly
        union all select sum(consumed_credits) from fct_credit_lots""")
    assert months[0] == months[1]


def test_a_reassigned_cohort_and_a_fallen_bank_are_in_history(watched: Watched) -> None:
    for row_id in planted(watched, "cohort_reassigned"):
        cohorts = watched.rows(f"""
            select distinct cohort_id from history.user_cohorts where id = '{row_id}'""")
        assert len(cohorts) == 2
    for row_id in planted(watched, "bank_counter_fell"):
        used = watched.rows(f"""
            select bank_used_credits from history.ai_usage
            where id = '{row_id}' order by _seen_at limit 2""")
        assert [row["bank_used_credits"] for row in used] == [500, 20]


def test_an_orphan_is_cleaned_up_and_leaves_a_tombstone(watched: Watched) -> None:
    for row_id in planted(watched, "profile_rekeyed"):
        left = watched.rows(f"select count(*) as n from raw.ai_usage where id = '{row_id}'")
        assert left[0]["n"] == 0
        tombs = watched.rows(f"""
            select count(*) as n from history.ai_usage
            where id = '{row_id}' and _op = 'delete'""")
        assert tombs[0]["n"] == 1
