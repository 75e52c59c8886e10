"""Failing runs keep to themselves: nothing personal or secret is in what they leave."""

from __future__ import annotations

import logging
import os
import shutil
import stat
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from models.errors import HypnomartError
from models.tables import TABLES
from pipelines.base.settings import Settings
from pipelines.orchestration.job import run_job
from pipelines.transform import dbt, manifest, parsed
from pipelines.transform.parsed import DBT_PROJECT
from tests.e2e.pipeline import Business
from tests.faults.whole_runs import Command
from tests.warehouse import settings_at

PERSONAL = "canary-p3rson@example.org"
PASSWORD = "canary-passw0rd"
KEY = "canary-hashk3y"


def plant(url: str) -> None:
    """A subscriber with a log, and the canary in every personal and secret column of all rows."""
    business = Business(url)
    user = business.user("2026-01-10")
    business.event(user, "created", "2026-01-10")
    business.pack(user, "2026-03-15", 4000)
    business.add("app_logs", user_id=user, log_type="billing", message=PERSONAL)
    plant_canaries(url)


def plant_canaries(url: str) -> None:
    """Put a canary into every personal and secret column of all rows, another one in each row."""
    with psycopg.connect(url) as con:
        for table in TABLES:
            (key,) = table.key
            for column in (c for c in table.columns if c.policy in ("pii", "secret")):
                value = sql.SQL("{} || {}::text").format(sql.Literal(PERSONAL), sql.Identifier(key))
                if "json" in column.type:
                    value = sql.SQL("to_json({})").format(value)
                con.execute(
                    sql.SQL("update {} set {} = {}").format(
                        sql.Identifier(table.name), sql.Identifier(column.name), value
                    )
                )


def with_password(url: str) -> str:
    """The same server, whose trust in the local socket takes any password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.replace("@", f":{PASSWORD}@")))


def leaks(folder: Path, *more: str) -> list[str]:
    """The files that hold a canary, or `more`."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            canaries = (PERSONAL, PASSWORD, KEY, *more)
            found += [f"{path}: {c}" for c in canaries if c.encode() in content]
    return found


@pytest.mark.skipif("HYPNOMART_TEST_DSN" in os.environ, reason="another server checks passwords")
def test_failing_runs_leave_no_canary(
    source_url: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A source that cannot be reached, one that lost a column's type, a seed that is broken."""
    caplog.set_level(logging.DEBUG)
    plant(source_url)
    url = with_password(source_url)
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "discount_map.csv").write_text("nothing\nof,this\n")
    settings = settings_at(tmp_path, source_url=url, hash_key=KEY)
    told: list[str] = []

    def fails(settings: Settings) -> None:
        with pytest.raises(HypnomartError) as caught:
            run_job(settings, full_refresh=False, with_reports=True)
        told.append(f"{caught.value!r} {caught.getrepr(style='short')}")

    fails(settings_at(tmp_path, source_url=f"postgresql://me:{PASSWORD}@127.0.0.1:9/x"))
    fails(settings_at(tmp_path, source_url=url, hash_key=KEY, seeds_dir=seeds))
    with psycopg.connect(source_url) as con:
        con.execute("alter table app_logs alter column message type bytea using message::bytea")
        con.execute("alter table ai_usage alter column weekly_used_credits type text")
    fails(settings)
    output = capfd.readouterr()
    assert (settings.home / "dagster").is_dir() and len(told) == 3
    assert leaks(tmp_path) == []
    for words in (*told, output.out, output.err, caplog.text):
        assert not any(canary in words for canary in (PERSONAL, PASSWORD, KEY)), words[:3000]


PLANTED = {
    "build": ("models/intermediate/int_planted.sql", "select user_id::varchar::integer as one "),
    "check": ("tests/assert_planted.sql", "select user_id "),
}


@pytest.mark.skipif("HYPNOMART_TEST_DSN" in os.environ, reason="another server checks passwords")
@pytest.mark.parametrize("step", PLANTED)
def test_runs_that_fail_in_a_build_or_a_check_leave_no_canary(
    source_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    step: str,
) -> None:
    """Nor a user's id, which DuckDB quotes where it cannot be what a model makes of it: outside
    the working file no erasure finds it."""
    caplog.set_level(logging.DEBUG)
    plant(source_url)
    with psycopg.connect(source_url) as con:
        users = [str(row[0]) for row in con.execute("select user_id from user_profile")]
    project = tmp_path / "dbt_project"
    shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target"))
    for module in (dbt, parsed, manifest):
        monkeypatch.setattr(module, "DBT_PROJECT", project)
    path, select = PLANTED[step]
    (project / path).write_text(select + "from {{ ref('stg_user_profile') }}", encoding="utf-8")
    settings = settings_at(tmp_path, source_url=with_password(source_url), hash_key=KEY)
    with pytest.raises(HypnomartError, match="planted") as caught:
        run_job(settings, full_refresh=False, with_reports=True)
    assert not settings.published.exists()
    output = capfd.readouterr()
    told = f"{caught.value!r} {caught.getrepr(style='short')}"
    assert leaks(tmp_path) == []
    assert leaks(settings.home / "dagster", *users) == []
    for words in (told, output.out, output.err, caplog.text, settings.last_run.read_text()):
        assert not any(c in words for c in (PERSONAL, PASSWORD, KEY, *users)), words[:3000]


def test_all_of_a_home_is_its_owner_s_under_any_umask(source_url: str, tmp_path: Path) -> None:
    """The publication alone is everybody's, where a folder outside is named for it."""
    plant(source_url)
    settings = settings_at(tmp_path, source_url=source_url, published_dir=tmp_path / "shared")
    command = Command(
        settings,
        "run",
        "--no-reports",
        within=("sh", "-c", 'umask 000; exec "$@"', "sh"),
        environment={"HYPNOMART_PUBLISHED": str(settings.published_dir)},
    )
    code, said = command.end()
    assert code == 0, said
    held = {path: stat.S_IMODE(path.stat().st_mode) for path in settings.home.rglob("*")}
    assert {path for path, mode in held.items() if mode & 0o077} == set()
    assert settings.home / "dagster" in held and settings.warehouse in held
    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700
    assert stat.S_IMODE(settings.published.parent.stat().st_mode) == 0o755
    assert stat.S_IMODE(settings.published.stat().st_mode) == 0o644
