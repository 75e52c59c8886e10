"""A run's record says how far it came, and repeats nothing of the source."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import ChecksFailed, HypnomartError
from pipelines.run_record import last_record, read_record, recorded_step, set_status
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
