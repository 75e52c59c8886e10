"""A run's record says how far it came, and repeats nothing of the source."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.errors import ChecksFailed, HypnomartError
from pipelines import run_record
from pipelines.run_record import (
    forget_old_records,
    last_record,
    read_record,
    recorded_step,
    set_status,
)
from tests.warehouse import settings_at


def test_a_status_follows_the_steps(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    with recorded_step(settings, "run", "extract") as details:
        assert read_record(settings, "run")["status"] == "running"
        details["rows"] = 3
    record = read_record(settings, "run")
    assert record["status"] == "extract done"
    assert record["steps"]["extract"]["rows"] == 3
    assert last_record(settings) == record


@pytest.mark.parametrize(
    ("error", "status"), [(ChecksFailed("no"), "refused"), (HypnomartError("no"), "failed")]
)
def test_a_step_that_fails_ends_the_run(tmp_path: Path, error: HypnomartError, status: str) -> None:
    settings = settings_at(tmp_path)
    with pytest.raises(HypnomartError), recorded_step(settings, "run", "publish"):
        raise error
    record = read_record(settings, "run")
    assert record["status"] == status
    assert record["steps"]["publish"]["error"] == "no"


def test_what_fails_after_the_publication_leaves_it_published(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    set_status(settings, "run", "published")
    with pytest.raises(HypnomartError), recorded_step(settings, "run", "build"):
        raise HypnomartError("a bad seed")
    record = read_record(settings, "run")
    assert record["status"] == "published"
    assert record["steps"]["build"]["status"] == "failed"


def test_the_words_of_a_foreign_error_are_not_kept(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    with pytest.raises(ValueError, match="ann@"), recorded_step(settings, "run", "extract"):
        raise ValueError("cannot cast ann@example.org")
    assert "ann@" not in (settings.runs_dir / "run.json").read_text(encoding="utf-8")


def test_the_newest_records_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_record, "KEPT_RECORDS", 2)
    settings = settings_at(tmp_path)
    for age, name in enumerate(("new", "older", "oldest")):
        set_status(settings, name, "published")
        path = settings.runs_dir / f"{name}.json"
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    for name, age in (("of now", 0), ("of last week", 7 * run_record.A_DAY)):
        path = settings.runs_dir / f"{name}.tmp"
        path.write_text("{")
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    forget_old_records(settings)
    names = {path.name for path in settings.runs_dir.iterdir()}
    assert names == {"new.json", "older.json", "of now.tmp"}
