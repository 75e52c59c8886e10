"""Closures and erasures on a simulated business move no cell of any aggregate mart."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from random import Random

import duckdb
import psycopg
import pytest

from models.simulation import simulate
from pipelines.base.settings import Settings
from pipelines.extract.run import extract
from pipelines.publication.erasure.erase import erase, erase_closed
from tests.aggregates import Aggregates, aggregates_of
from tests.warehouse import build, settings_at

UNTIL = date(2026, 10, 31)


def test_closures_and_erasures_move_no_cell(tmp_path: Path, source_url: str) -> None:
    marts = closures_and_erasures(settings_at(tmp_path), source_url, users=500, days=300, closed=60)
    assert marts > 20


@pytest.mark.faults
def test_five_hundred_closures_of_five_thousand_users(tmp_path: Path, source_url: str) -> None:
    settings = settings_at(tmp_path)
    marts = closures_and_erasures(settings, source_url, users=5000, days=500, closed=500)
    assert marts > 20


def closures_and_erasures(
    settings: Settings, url: str, *, users: int, days: int, closed: int
) -> int:
    """Close so many random accounts, then erase them and a tenth as many that stand, at least 20;
    returns how many marts were compared, three times."""
    simulate(
        url, users=users, days=days, seed=7, until=UNTIL, faults="all",
        truth_dir=settings.truth_dir, progress=lambda _: None,
    )  # fmt: skip
    before = _built(settings, url, "one")
    close(url, closed)
    _assert_same(before, _built(settings, url, "two"), "closed")
    assert erase_closed(settings, as_of_at=datetime(2100, 1, 1)) >= closed
    for person in standing(url, max(20, closed // 10)):
        erase(settings, person)
    _assert_same(before, _built(settings, url, "three"), "erased")
    return len(before)


def _built(settings: Settings, url: str, run_id: str) -> Aggregates:
    """Extract, with the clock held at one instant, and build."""
    extract(settings, source_url=url, run_id=run_id, progress=lambda _: None)
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("update meta.run_manifest set as_of_at = ?", [f"{UNTIL} 00:00:00"])
    build(settings)
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        return aggregates_of(con, "marts")


def close(url: str, number: int) -> None:
    """Delete random accounts as the source would, with all that cascades from them."""
    with psycopg.connect(url) as con:
        found = con.execute("select user_id from user_profile order by 1").fetchall()
        people = [person for (person,) in Random(11).sample(found, number)]
        con.execute(
            "delete from custom_course_purchases where course_id in "
            "(select id from custom_courses where user_id = any(%s))",
            [people],
        )
        con.execute("delete from auth.users where id = any(%s)", [people])


def standing(url: str, number: int) -> list[str]:
    with psycopg.connect(url) as con:
        found = con.execute("select user_id::text from user_profile order by 1").fetchall()
    return [person for (person,) in Random(12).sample(found, number)]


def _assert_same(before: Aggregates, after: Aggregates, what: str) -> None:
    moved = {
        mart: [row for row in after[mart] if row not in rows][:3]
        for mart, rows in before.items()
        if after[mart] != rows
    }
    assert moved == {}, what
