"""Data quality: checks over the last runs, findings, duplicates, freshness of the source."""

from __future__ import annotations

from datetime import date

from reports.figures import Figure
from reports.published import Published
from reports.shapes import Words, ranked, table


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of the newest run whatever the day `until`."""
    return [
        table(
            Words(
                "strip",
                "Checks that failed in one of the last ten runs",
                "One mark a run, the newest last: ● passed, ○ failed, ✕ could not run. "
                "Errors stop a "
                "publication, warnings do not.",
                "quality_results",
            ),
            published.rows("quality/strip", until=until),
            {
                "check_name": "check",
                "severity": "severity",
                "last_runs": "last runs",
                "failing_rows": "rows now",
            },
        ),
        table(
            Words(
                "findings",
                "Findings",
                "Faults of the source in the newest run, and the money that stands in "
                "doubt with them.",
                "quality_findings",
            ),
            published.rows("findings", until=until),
            {
                "check_name": "check",
                "severity": "severity",
                "source_table": "table",
                "findings": "findings",
                "money_at_stake_usd": "at stake, USD",
                "example": "for example",
            },
        ),
        ranked(
            Words(
                "duplicates",
                "What repeated receipts would have added",
                "By what the receipts of a sale share.",
                "receipt_duplicates",
                "USD",
            ),
            published.rows("quality/duplicates", until=until),
            name="match_kind",
            value="excess_usd",
        ),
        table(
            Words(
                "volume",
                "Freshness of the source",
                "The newest event of each table.",
                "source_volume_daily",
            ),
            published.rows("quality/volume", until=until),
            {
                "source_table": "table",
                "last_event_at": "newest event",
                "recent_rows": "rows of the last weeks",
            },
        ),
    ]
