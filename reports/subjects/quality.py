"""Data quality: checks over the last runs, findings, duplicates, freshness of the source."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import groupby

from models.counting import counted
from models.words import sentence_of, title_of
from reports.figures import Figure, Words
from reports.published import Published
from reports.queries import Row, query_behind
from reports.render.html import Coded, Strip
from reports.shapes import ranked, table, tabled
from reports.state import Quality, state_of


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of the newest run whatever the day `until`."""
    return [
        failed(published.rows("failed_checks", until=until), state_of(published, until).quality),
        strip(published.rows("quality/strip", until=until)),
        findings(published.rows("findings", until=until)),
        duplicates(published.rows("quality/duplicates", until=until)),
        volume(published.rows("quality/volume", until=until)),
    ]


def failed(rows: list[Row], outcome: Quality) -> Figure:
    """Checks that did not pass in the newest run, and what the gate made of them."""
    return table(
        Words(
            "failed-checks",
            "Checks that did not pass",
            f"The gate let the run through that is published: {outcome.sentence}. Errors stop a "
            "publication, warnings do not.",
            "quality_results",
        ),
        rows,
        columns={
            "check_name": "check",
            "area": "area",
            "severity": "severity",
            "status": "status",
            "observed_value": "observed",
            "expected": "expected",
            "failing_rows": "rows",
        },
    )


def strip(rows: list[Row]) -> Figure:
    """Every check with its outcome in the last runs: those that failed in one of them, then the
    others, folded by area."""
    words = Words(
        "strip",
        "Checks over the last ten runs",
        "One mark a run, the newest last: ● passed, ○ failed, \N{MULTIPLICATION SIGN} could not "
        "run, · was no check yet. The page has those that passed in every run folded by area.",
        "quality_results",
    )
    shown = [
        {
            **row,
            "must_hold": Coded(sentence_of(row["must_hold"]), row["check_name"]),
            "last_runs": Strip(row["last_runs"]),
        }
        for row in rows
    ]
    columns = {
        "must_hold": "what must hold",
        "last_runs": "last runs",
        "asset": "table",
        "severity": "severity",
    }
    listed = table(
        words,
        [row for row in shown if not row["always_passed"]],
        columns=columns | {"failing_rows": "rows now"},
    )
    passed = [row for row in shown if row["always_passed"]]
    areas = {area: [*of_area] for area, of_area in groupby(passed, lambda row: str(row["area"]))}
    folded = [
        (f"{title_of(area)}: {counted(len(inside), 'check')} passed in every run",
         tabled(inside, columns))
        for area, inside in areas.items()
    ]  # fmt: skip
    return replace(listed, query=query_behind(rows), folded=folded)


def findings(rows: list[Row]) -> Figure:
    """Faults of the source by kind."""
    return table(
        Words(
            "findings",
            "Findings",
            "Faults of the source in the newest run, test users' included, and the money that "
            "stands in doubt with them, counted in other figures or not.",
            "quality_findings",
        ),
        rows,
        columns={
            "check_name": "check",
            "severity": "severity",
            "source_table": "table",
            "cause": "likely cause",
            "findings": "findings",
            "money_at_stake_usd": "at stake, USD",
            "example": "for example",
        },
    )


def duplicates(rows: list[Row]) -> Figure:
    """What repeated receipts would have added."""
    return ranked(
        Words(
            "duplicates",
            "What repeated receipts would have added",
            "By what the receipts of a sale share.",
            "receipt_duplicates",
            "USD",
        ),
        rows,
        name="match_kind",
        value="excess_usd",
        is_wide=True,
    )


def volume(rows: list[Row]) -> Figure:
    """Freshness of the source."""
    return table(
        Words(
            "volume",
            "Freshness of the source",
            "The newest event of each table.",
            "source_volume_daily",
        ),
        rows,
        columns={
            "source_table": "table",
            "last_event_at": "newest event",
            "recent_rows": "rows of the last weeks",
        },
    )
