"""The months and weeks whose reports may be filled back: those that each publication finds over."""

from __future__ import annotations

import dagster as dg

from pipelines.base.settings import Settings
from reports.published import open_published
from reports.state import past_periods

MONTHS, WEEKS = "months", "weeks"


def offer_past(instance: dg.DagsterInstance, settings: Settings) -> None:
    """Add what is over by the published file, each once."""
    with open_published(settings.published) as published:
        months, weeks = past_periods(published)
    instance.add_dynamic_partitions(MONTHS, [str(one) for one in months])
    instance.add_dynamic_partitions(WEEKS, [str(one) for one in weeks])
