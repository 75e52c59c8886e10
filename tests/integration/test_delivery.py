"""Reports reach a store, a mailbox and a webhook; what does not answer is told, no more."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import dagster as dg
import fsspec
import pytest
from aiosmtpd.controller import Controller

from models.errors import SourceUnavailable
from pipelines.base.run_record import last_run, recorded_step
from pipelines.base.settings import Settings
from pipelines.orchestration.defs.alerts import failed_refresh
from pipelines.run.delivery import deliver_step
from reports.deliver.channels import Channels, Mailbox
from reports.deliver.message import message_of
from reports.deliver.run import deliver
from reports.deliver.store import copy_day
from reports.manifest import entry_of, read_manifest, write_manifest
from reports.published import open_published
from reports.run import write_reports
from tests.hook import listening
from tests.published_sample import AS_OF, write_published
from tests.sftp_server import sftp_server

DAY = "2026-11-22"
NAMES = ["overview", "revenue", "exports"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a published file and a day's reports."""
    folder = tmp_path_factory.mktemp("delivery")
    published = write_published(folder / "published" / "hypnomart.duckdb")
    write_reports(published, folder / "reports", names=NAMES, formats=["html", "pdf", "csv"])
    return folder


def settings_of(home: Path, **channels: Any) -> Settings:
    return Settings(home, home / "reports", channels=Channels(**channels))


def sent(home: Path, **channels: Any) -> list[tuple[str, str]]:
    """Deliver by channels that are tried twice; each with its error."""
    with open_published(home / "published" / "hypnomart.duckdb") as published:
        message = message_of(published)
    day = home / "reports" / DAY
    found = deliver(Channels(**channels), day, message=message, waits=[0.01])
    return [(one.channel, one.error) for one in found]


@pytest.fixture
def mails() -> Iterator[tuple[Controller, list[EmailMessage]]]:
    got: list[Any] = []

    class Keep:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            got.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
            return "250 kept"

    controller = Controller(Keep(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller, got
    controller.stop()


@pytest.fixture
def hook() -> Iterator[tuple[str, list[dict[str, Any]], list[int]]]:
    """A URL, what was posted there, and the answers that it still gives before 200."""
    with listening() as one:
        yield one


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize("kind", ["memory", "folder", "sftp"])
def test_a_store_holds_the_day_as_it_was_written(home: Path, tmp_path: Path, kind: str) -> None:
    urls = {"memory": f"memory://{tmp_path.name}", "folder": f"local://{tmp_path / 'store'}"}
    with sftp_server(tmp_path / "sftp") as sftp:
        url = urls.get(kind, f"{sftp}/reports")
        assert sent(home, store=url) == [("store", "")]
        store, root = fsspec.core.url_to_fs(url)
        for entry in read_manifest(home / "reports" / DAY):
            local = (home / "reports" / DAY / entry.file).read_bytes()
            assert store.cat_file(f"{root}/{DAY}/{entry.file}") == local, entry.file
        assert f'href="{DAY}/index.html"' in store.cat_file(f"{root}/index.html").decode()
        with open_published(home / "published" / "hypnomart.duckdb") as published:
            message = message_of(published)
        (again,) = deliver(Channels(store=url), home / "reports" / DAY, message=message, waits=[])
        assert again.detail.startswith("0 of ")


def test_a_store_keeps_the_newest_days_and_no_file_that_is_gone(home: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    for old in ("2026-11-19", "2026-11-20", "2026-11-21"):
        (store / old).mkdir(parents=True)
        (store / old / "manifest.json").write_text('{"files": []}')
    url = f"local://{store}"
    sent(home, store=url)
    gone = json.loads((store / DAY / "manifest.json").read_text())
    gone["files"].append({**gone["files"][0], "file": "weekly.html"})
    (store / DAY / "manifest.json").write_text(json.dumps(gone))
    (store / DAY / "weekly.html").write_text("of an earlier version")
    with open_published(home / "published" / "hypnomart.duckdb") as published:
        message = message_of(published)
    deliver(Channels(store=url), home / "reports" / DAY, message=message, keep=2)
    assert sorted(path.name for path in store.iterdir()) == ["2026-11-21", DAY, "index.html"]
    assert not (store / DAY / "weekly.html").exists()
    assert (store / DAY / "overview.html").exists()


def test_a_store_has_the_newest_day_s_dictionary_where_periods_look_for_it(tmp_path: Path) -> None:
    """A store has no links: what `latest` leads to in a folder is a copy there."""
    store = tmp_path / "store"
    for name, text in (("2026-11-22", "newest"), ("2026-11-21", "older"), ("2026-11-22", "again")):
        day = tmp_path / text / name
        page = day / "dictionary" / "marts" / "m.html"
        page.parent.mkdir(parents=True)
        page.write_text(text)
        entry = entry_of(page, day, report="dictionary", format="html", as_of_at=AS_OF)
        write_manifest(day, [entry], run_id="r", checks="")
        copy_day(day, f"local://{store}")
        there = (store / "latest" / "dictionary" / "marts" / "m.html").read_text()
        assert there == ("newest" if text == "older" else text)
    assert sorted(path.name for path in store.iterdir()) == [
        "2026-11-21", "2026-11-22", "index.html", "latest"
    ]  # fmt: skip


def test_one_mail_brings_the_summary_and_the_pdfs(
    home: Path, mails: tuple[Controller, list[Any]]
) -> None:
    controller, got = mails
    people = ("cfo@example.com", "growth@example.com")
    mailbox = Mailbox("127.0.0.1", controller.port, False, "hypnomart@example.com", people)
    assert sent(home, mailbox=mailbox) == [("mail", "")]
    ((recipients, letter),) = got
    assert tuple(recipients) == people
    assert letter["Subject"] == "Reports as of 2026-11-22 14:05 UTC"
    body, *attached = letter.walk() if not letter.is_multipart() else letter.get_payload()
    text = body.get_payload(decode=True).decode()
    assert "Monthly recurring revenue: $" in text and "Data quality: 2 warnings" in text
    assert [part.get_filename() for part in attached] == ["overview.pdf", "revenue.pdf"]
    assert all(part.get_payload(decode=True).startswith(b"%PDF") for part in attached)


def test_a_webhook_that_stumbles_is_called_again(
    home: Path, hook: tuple[str, list[dict[str, Any]], list[int]]
) -> None:
    url, got, answers = hook
    answers.append(503)
    assert sent(home, webhook=url) == [("webhook", "")]
    assert len(got) == 2 and got[0] == got[1]
    assert got[0]["day"] == DAY and got[0]["run_id"] == "run-7"
    assert "Monthly recurring revenue" in got[0]["text"]


def test_what_does_not_answer_is_told_without_a_secret_and_stops_nothing(
    home: Path, hook: tuple[str, list[dict[str, Any]], list[int]]
) -> None:
    url, got, _ = hook
    closed = free_port()
    told = sent(
        home,
        store=f"sftp://user:s3cret@127.0.0.1:{closed}/reports",
        mailbox=Mailbox(
            "127.0.0.1", closed, False, "a@example.com", ("b@example.com",), "u", "s3cret"
        ),
        webhook=url,
    )
    assert [channel for channel, error in told if error] == ["store", "mail"]
    assert "s3cret" not in str(told) and len(got) == 1
    assert sent(home, store="nowhere://x")[0][1].startswith("ValueError")


def test_people_are_told_once_of_a_publication_and_the_record_says_how_it_went(
    home: Path, hook: tuple[str, list[dict[str, Any]], list[int]]
) -> None:
    url, got, _ = hook
    settings = settings_of(home, webhook=url, store=f"memory://{home.name}")
    said: list[str] = []
    with recorded_step(settings, "run-7", step="publish"):
        pass
    deliver_step(settings, "run-7", progress=said.append)
    deliver_step(settings, "run-8", progress=said.append)
    assert len(got) == 1
    assert [line.split(":")[0] for line in said] == ["store", "webhook", "store"]
    record = last_run(settings)
    assert record is not None
    delivered = record["steps"]["deliver"]["delivered"]
    assert delivered["webhook"] == "answered 200" and delivered["store"].endswith("1 day there")


def test_nothing_is_delivered_unless_it_is_set(home: Path) -> None:
    settings = settings_of(home)
    with recorded_step(settings, "run-9", step="publish"):
        pass
    assert deliver_step(settings, "run-9", progress=print) == []
    record = last_run(settings)
    assert record and set(record["steps"]) == {"publish"}


def test_a_refresh_that_failed_is_told_by_its_sentence_and_nothing_else(
    home: Path, hook: tuple[str, list[dict[str, Any]], list[int]]
) -> None:
    url, got, _ = hook
    settings = settings_of(home, webhook=url)
    for error in (SourceUnavailable("The source is gone. Start it."), ValueError("s3cret")):

        @dg.op
        def fail(error: Exception = error) -> None:
            raise error

        @dg.job
        def refresh() -> None:
            fail()

        with dg.DagsterInstance.ephemeral() as instance:
            result = refresh.execute_in_process(instance=instance, raise_on_error=False)
            context = dg.build_run_status_sensor_context(
                "failed_refresh", result.get_run_failure_event(), instance, result.dagster_run
            ).for_run_failure()
            failed_refresh(context, settings=settings)
    first, second = (one["text"].splitlines() for one in got)
    assert first[:2] == ["The refresh failed", "The source is gone. Start it."]
    assert second[:2] == ["The refresh failed", "ValueError; the run's log has the rest."]
    assert [lines[2].split()[0] for lines in (first, second)] == ["Run", "Run"]
    assert "s3cret" not in str(got)
