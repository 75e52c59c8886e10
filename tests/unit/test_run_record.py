"""The record of the last attempt says how far it came, and repeats nothing of the source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.errors import ChecksFailed, HypnomartError
from pipelines.base.run_record import last_run, recorded_step
from pipelines.base.settings import Settings
from tests.warehouse import settings_at


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home before the first run."""
    settings = settings_at(tmp_path)
    settings.home.mkdir()
    return settings


def recorded(settings: Settings) -> dict[str, Any]:
    record = last_run(settings)
    assert record is not None
    return record


def done(settings: Settings, run_id: str, step: str) -> None:
    with recorded_step(settings, run_id, step=step):
        pass


def test_a_status_follows_the_steps(settings: Settings) -> None:
    assert last_run(settings) is None
    done(settings, "earlier", "extract")
    with recorded_step(settings, "run", step="extract") as details:
        assert recorded(settings)["status"] == "running"
        details["rows"] = 3
    done(settings, "run", "build")
    record = recorded(settings)
    assert (record["run_id"], record["status"]) == ("run", "build done")
    assert record["steps"]["extract"]["rows"] == 3


@pytest.mark.parametrize(
    ("error", "status"), [(ChecksFailed("no"), "refused"), (HypnomartError("no"), "failed")]
)
def test_a_step_that_fails_ends_the_run(
    settings: Settings, error: HypnomartError, status: str
) -> None:
    with pytest.raises(HypnomartError), recorded_step(settings, "run", step="publish"):
        raise error
    record = recorded(settings)
    assert record["status"] == status
    assert record["steps"]["publish"]["error"] == "no"


def test_what_fails_after_the_publication_leaves_it_published(settings: Settings) -> None:
    done(settings, "run", "publish")
    with pytest.raises(HypnomartError), recorded_step(settings, "run", step="build"):
        raise HypnomartError("a bad seed")
    record = recorded(settings)
    assert record["status"] == "published"
    assert record["steps"]["build"]["status"] == "failed"


def test_reports_are_recorded_with_their_run_and_by_themselves_are_no_attempt(
    settings: Settings,
) -> None:
    done(settings, "by itself", "report")
    assert last_run(settings) is None
    done(settings, "run", "publish")
    done(settings, "run", "report")
    done(settings, "by itself", "report")
    record = recorded(settings)
    assert (record["run_id"], set(record["steps"])) == ("run", {"publish", "report"})


def test_the_words_of_a_foreign_error_are_not_kept(settings: Settings) -> None:
    with pytest.raises(ValueError, match="ann@"), recorded_step(settings, "run", step="extract"):
        raise ValueError("cannot cast ann@example.org")
    assert "ann@" not in settings.last_run.read_text(encoding="utf-8")
