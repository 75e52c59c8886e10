"""Operations: what the app and its server functions report, how fresh devices are."""

from __future__ import annotations

from datetime import date

from reports.figures import Figure, Words
from reports.published import Published
from reports.queries import Row
from reports.render.html import shown
from reports.shapes import over_time, ranked, split_over_time, table


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    return [
        app(published.rows("operations/app", until=until)),
        syncs(published.rows("operations/syncs", until=until)),
        sync_history(published.rows("operations/sync_history", until=until)),
        sync(published.rows("operations/sync", until=until)),
        feedback(published.rows("operations/feedback", until=until)),
        functions(published.rows("operations/functions", until=until)),
    ]


def app(rows: list[Row]) -> Figure:
    """Faults that the app reported."""
    return over_time(
        Words(
            "app",
            "Faults that the app reported",
            "Entries of the last 60 days with an error, a skipped sync or a failed validation.",
            "app_health_daily",
            "entries a day",
        ),
        rows,
        at="date",
        series={
            "errors": ("errors", "churn"),
            "skipped_syncs": ("skipped syncs", "place-2"),
            "failed_validations": ("failed validations", "place-3"),
        },
        is_wide=True,
    )


def syncs(rows: list[Row]) -> Figure:
    """Syncs by day."""
    return over_time(
        Words(
            "syncs",
            "Syncs that reached the server",
            "Runs of the handshake on each of the last 60 days.",
            "function_health_daily",
            "runs a day",
        ),
        rows,
        at="date",
        series={"runs": ("syncs", "place-0")},
        also={"errors": "errors", "error_rate": "failed"},
        is_wide=True,
    )


def sync_history(rows: list[Row]) -> Figure:
    """How long ago users had synced, snapshot by snapshot."""
    first = f", {shown(rows[0]['known_since'])}" if rows else ""
    return split_over_time(
        Words(
            "sync-history",
            "How long ago users had synced, over time",
            "Users by the age of their last sync, at the last published snapshot of each of the "
            f"last 60 days that have one. The source keeps only each user's last sync, so nothing "
            f"is known before the first one{first}.",
            "sync_freshness_history",
            "users",
        ),
        rows,
        at="day",
        by="age_band",
        value="users",
        order=[*dict.fromkeys(row["age_band"] for row in rows)],
        also={"share_rate": "share"},
        is_wide=True,
    )


def sync(rows: list[Row]) -> Figure:
    """How long ago users synced."""
    return ranked(
        Words(
            "sync",
            "How long ago users synced, now",
            "Present users by the age of their last sync.",
            "sync_freshness",
            "users",
        ),
        rows,
        name="age_band",
        value="users",
    )


def feedback(rows: list[Row]) -> Figure:
    """What users reported."""
    return split_over_time(
        Words(
            "feedback",
            "What users reported",
            "Reports sent from the app, by issue.",
            "feedback_monthly",
            "reports a month",
        ),
        rows,
        at="month",
        by="issue_type",
        value="reports",
    )


def functions(rows: list[Row]) -> Figure:
    """Server functions, last 30 days."""
    return table(
        Words(
            "functions",
            "Server functions, last 30 days",
            "Of the worst day: the share that failed, and the 95th percentile of duration.",
            "function_health_daily",
        ),
        rows,
        columns={
            "function_name": "function",
            "runs": "runs",
            "errors": "errors",
            "worst_error_rate": "failed, worst day",
            "slowest_p95_ms": "slowest p95, ms",
        },
    )
