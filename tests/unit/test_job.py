"""A run is well where its own id was read back from the published file, and nothing was skipped."""

from __future__ import annotations

import dagster as dg
import pytest

from models.errors import ChecksFailed
from pipelines.orchestration.job import refuse_skipped


def keys(*names: str) -> set[dg.AssetKey]:
    return {dg.AssetKey(name.split("/")) for name in names}


def test_what_was_published_whole_is_well() -> None:
    refuse_skipped("run-2", set(), published="run-2")


@pytest.mark.parametrize(
    ("skipped", "published", "told"),
    [
        (set(), None, "Run run-2 published nothing; skipped: nothing"),
        (set(), "run-1", "Run run-2 published nothing; skipped: nothing"),
        (keys("quality/quality_results", "publication/hypnomart"), "run-1",
         "published nothing; skipped: publication/hypnomart, quality/quality_results"),
        (keys("reports/overview"), "run-2",
         "Run run-2 is published, but these were skipped: reports/overview"),
        (keys(*(f"marts/m{at}" for at in range(7))), "run-2", "marts/m3, marts/m4 and 2 more"),
    ],
)  # fmt: skip
def test_what_was_skipped_or_is_not_there_is_a_failed_run_by_name(
    skipped: set[dg.AssetKey], published: str | None, told: str
) -> None:
    with pytest.raises(ChecksFailed) as refused:
        refuse_skipped("run-2", skipped, published=published)
    assert told in str(refused.value)
    assert refused.value.exit_code == 1
