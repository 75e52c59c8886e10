"""What a user sees when something is wrong: one sentence, the exit code, no traceback."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import duckdb
import psycopg
import pytest

from pipelines import cli
from pipelines.base.lock import warehouse_lock
from tests.e2e.pipeline import Business


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of a test's own; the working directory is elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYPNOMART_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HYPNOMART_REPORTS", str(tmp_path / "reports"))
    monkeypatch.delenv("HYPNOMART_SOURCE_URL", raising=False)
    return tmp_path / "home"


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run a command as the console script does; returns the exit code."""
    monkeypatch.setattr(sys, "argv", ["hypnomart", *arguments])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return int(caught.value.code or 0)


def one_sentence(capsys: pytest.CaptureFixture[str]) -> str:
    """What stands on standard error: a last line of explanation and nothing of Python's."""
    text = capsys.readouterr().err
    assert "Traceback" not in text
    last = text.strip().splitlines()[-1]
    assert last.startswith("hypnomart: ")
    return last


def login(url: str, user: str) -> str:
    """The same database by another login, without a password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}@{host}"))


def test_an_unreachable_source_ends_with_3(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", "postgresql://me:s3cret@127.0.0.1:9/app")
    for command in (["extract"], ["schema", "check"], ["run"]):
        assert call(monkeypatch, *command) == 3
        sentence = one_sentence(capsys)
        assert "127.0.0.1" in sentence
        assert "s3cret" not in sentence


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("drop table ai_usage", "ai_usage"),
        ("alter table ai_usage drop column weekly_reset_date", "weekly_reset_date"),
        (
            "alter table ai_usage alter column weekly_used_credits type text",
            "weekly_used_credits",
        ),
    ],
)
def test_a_source_that_lost_something_ends_with_5_and_nothing_is_written(
    home: Path,
    source_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    damage: str,
    named: str,
) -> None:
    with psycopg.connect(source_url) as connection:
        connection.execute(damage.encode())
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", source_url)
    assert call(monkeypatch, "run") == 5
    assert named in one_sentence(capsys)
    assert not (home / "published").exists()


def test_a_login_without_rights_ends_with_3_and_names_the_table(
    home: Path,
    source_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with psycopg.connect(source_url) as connection:
        connection.execute("revoke select on server_logs from hypnomart_reader")
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", login(source_url, "hypnomart_reader"))
    assert call(monkeypatch, "run") == 3
    assert "server_logs" in one_sentence(capsys)


def test_a_warehouse_held_by_another_run_ends_with_4(
    home: Path,
    source_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", source_url)
    home.mkdir()
    with duckdb.connect(str(home / "warehouse.duckdb")):
        pass
    with warehouse_lock(home):
        monkeypatch.setattr("pipelines.base.lock._held", set())
        assert call(monkeypatch, "extract") == 4
    assert "holds the warehouse" in one_sentence(capsys)


@pytest.mark.parametrize(
    "arguments",
    [
        ["query", "select 1"],
        ["report"],
        ["check"],
        ["publish"],
        ["build"],
        ["erase", "nobody"],
        ["simulate", "--until", "tomorrow"],
        ["simulate", "--faults", "some"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_yet_or_at_all_ends_with_2(
    home: Path,
    source_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", source_url)
    assert call(monkeypatch, *arguments) == 2
    one_sentence(capsys)


def test_simulate_refuses_a_business_that_is_not_its_own(
    home: Path,
    source_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Business(source_url).user("2026-01-01")
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", source_url)
    assert call(monkeypatch, "simulate", "--users", "10", "--days", "10") == 2
    one_sentence(capsys)
    with psycopg.connect(source_url) as connection:
        assert connection.execute("select count(*) from user_profile").fetchone() == (1,)


def test_status_before_the_first_run_says_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", "postgresql://me:s3cret@db.example.org/app")
    assert call(monkeypatch, "status") == 0
    shown = capsys.readouterr().out
    assert "hypnomart run" in shown
    assert "s3cret" not in shown
    assert call(monkeypatch, "status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["last_run"] is None


@pytest.mark.parametrize("content", ["", "[]", '{"run_id": "r", "started', '{"run_id": "r"}'])
def test_status_passes_over_a_record_in_pieces(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    home.mkdir()
    (home / "last_run.json").write_text(content, encoding="utf-8")
    assert call(monkeypatch, "status") == 0
    assert "none yet" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["extract"], ["build"], ["check"], ["publish"]], ids=str)
def test_a_damaged_working_file_is_named_with_the_way_out(
    home: Path,
    source_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", source_url)
    home.mkdir()
    (home / "warehouse.duckdb").write_bytes(b"no database" * 9999)
    assert call(monkeypatch, *command) == 2
    sentence = one_sentence(capsys)
    assert "warehouse.duckdb" in sentence and "move it away" in sentence


def test_a_damaged_publication_is_named_with_the_way_out(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "published").mkdir(parents=True)
    (home / "published" / "hypnomart.duckdb").write_bytes(b"no database" * 9999)
    assert call(monkeypatch, "status") == 2
    sentence = one_sentence(capsys)
    assert "hypnomart.duckdb" in sentence and "move it away" in sentence


@pytest.mark.parametrize(
    "url", ["postgresql://me:pa@s3cret:x/y@db/app", "postgresql://m/e:s3cret@db/app"]
)
def test_a_password_that_is_not_escaped_reaches_no_error_and_no_file(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", url)
    for command in (["status"], ["extract"], ["schema", "check"]):
        assert call(monkeypatch, *command) == 2
        assert "s3cret" not in one_sentence(capsys)
    assert not home.exists()


def test_serve_names_a_port_that_is_taken(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert call(monkeypatch, "serve", "--port", str(port)) == 2
    assert str(port) in one_sentence(capsys)
    assert not home.exists()


def test_serve_names_seeds_that_cannot_be_read(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Dagster itself would come up without an asset, and say so in a page of traceback."""
    seeds = home.parent / "seeds"
    seeds.mkdir()
    (seeds / "price_book.csv").write_text("store\n", encoding="utf-8")
    monkeypatch.setenv("HYPNOMART_SEEDS", str(seeds))
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", "postgresql://me@127.0.0.1:9/app")
    assert call(monkeypatch, "serve", "--port", "39017") == 2
    assert "price_book.csv" in one_sentence(capsys)


def test_doctor_tells_what_is_wrong_and_what_is_well(
    home: Path,
    source_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", source_url)
    monkeypatch.setenv("DBT_TARGET", "prod")
    assert call(monkeypatch, "doctor") == 0
    told = capsys.readouterr().out
    for words in ("ok     source       PostgreSQL", "21 tables can be read", "0 s apart",
                  "DBT_TARGET set, and without effect", "as the contract wants it",
                  "A run can start."):  # fmt: skip
        assert words in told, told
    with psycopg.connect(source_url) as connection:
        connection.execute("revoke select on server_logs from hypnomart_reader")
        connection.execute("alter table ai_usage drop column weekly_reset_date")
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", login(source_url, "hypnomart_reader"))
    assert call(monkeypatch, "doctor") == 2
    told = capsys.readouterr().out
    assert "fails  rights       server_logs: no table that may be selected" in told
    assert "fails  schema" in told and "weekly_reset_date" in told and "2 to mend." in told
    monkeypatch.setenv("HYPNOMART_SOURCE_URL", "postgresql://me:s3cret@127.0.0.1:9/app")
    assert call(monkeypatch, "doctor") == 2
    told = capsys.readouterr().out
    assert "fails  source" in told and "ok     home" in told and "s3cret" not in told
