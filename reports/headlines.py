"""The figures of the overview's head, each against the month and the year before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reports import state
from reports.charts import sparkline
from reports.figures import month, numbers
from reports.published import Published
from reports.queries import Query, Row, query_behind
from reports.render.html import ABSENT, money, rate, whole


@dataclass(frozen=True)
class Change:
    """How a figure differs from an earlier one: words, and good, bad or neither."""

    text: str
    state: str


@dataclass(frozen=True)
class Headline:
    """One figure of the page's head; `state` colours it."""

    label: str
    value: str
    note: str
    mart: str
    column: str = ""
    query: Query = field(default_factory=Query)
    spark: str = ""
    state: str = ""
    changes: tuple[Change, ...] = ()


def headlines(published: Published, until: date) -> list[Headline]:
    """The figures of the head, newest first in each query."""
    bridge = published.rows("bridge_months", until=until)
    sales = published.rows("revenue_months", until=until)
    return [
        *_balance(published.rows("bridge_day", until=until), published.as_of),
        _of_month(
            sales, "revenue_month", column="net_usd", label="Net revenue",
            mart="revenue_monthly", show=money, meaning="charges less refunds",
        ),
        _of_month(
            sales, "revenue_month", column="proceeds_usd", label="Proceeds",
            mart="revenue_monthly", show=money, meaning="net of tax and store fees",
        ),
        _of_month(
            bridge, "movement_month", column="customer_churn_rate", label="Customer churn",
            mart="mrr_bridge_monthly", show=rate, meaning="of those present at its start",
            is_up_good=False,
        ),
        _of_month(
            bridge, "movement_month", column="net_revenue_retention", label="Net revenue retention",
            mart="mrr_bridge_monthly", show=rate, meaning="of the MRR at its start",
        ),
        _liability(published.rows("liability", until=until)),
        _quality(published.rows("checks", until=until)),
    ]  # fmt: skip


def _balance(days: list[Row], today: date) -> list[Headline]:
    """MRR and customers at the end of the last day, or at present, with the quarter before it, and
    how they differ from that day of the month and of the year before."""
    last = days[0] if days else {}
    recent = [day for day in days if day["is_recent"]]
    earlier = [day for day in days if not day["is_recent"]]
    note = f"at the end of {last['movement_date']}" if last else ""
    if last.get("movement_date") == today:
        note = f"at present, {today}"
    return [
        Headline(
            label,
            show(last.get(column)),
            note,
            "mrr_bridge_daily",
            column,
            query_behind(days),
            _spark(recent, column, label=label),
            changes=compared([*days[:1], *earlier], "movement_date", column=column, at_day=str),
        )
        for label, column, show in (
            ("Monthly recurring revenue", "closing_mrr_usd", money),
            ("Paying customers", "closing_customers", whole),
        )
    ]


def _of_month(
    rows: list[Row],
    at: str,
    *,
    column: str,
    label: str,
    mart: str,
    show: Any,
    meaning: str,
    is_up_good: bool = True,
) -> Headline:
    """A figure of the last complete month, and how it differs from the month and year before."""
    complete = [row for row in rows if row["is_complete"]]
    if not complete:
        note = "no month is complete yet"
        return Headline(label, ABSENT, note, mart, column, query_behind(rows))
    note = f"{month(complete[0][at])}, {meaning}"
    spark = _spark(complete, column, label=label)
    beside = [*complete[:2], *complete[12:13]]
    changed = compared(beside, at, column=column, is_up_good=is_up_good)
    return Headline(
        label, show(complete[0][column]), note, mart, column, query_behind(rows), spark,
        changes=changed,
    )  # fmt: skip


def compared(
    rows: Sequence[Row],
    at: str,
    *,
    column: str,
    is_up_good: bool | None = True,
    at_day: Callable[[date], str] = month,
) -> tuple[Change, ...]:
    """The first row against each of the others; `is_up_good` is None where more is neither.

    Shares differ by points, amounts by per cent; nothing is said where the earlier one is absent
    or 0.
    """
    found = []
    for row in rows[1:]:
        new, old = rows[0][column], row[column]
        if new is None or not old:
            continue
        if isinstance(new, float):
            difference, unit = (new - old) * 100, " points"
        else:
            difference, unit = float((new - old) / abs(old)) * 100, " %"
        arrow = "▲" if difference > 0 else "▼" if difference < 0 else "="
        is_good = (difference > 0) == is_up_good
        state = "" if not difference or is_up_good is None else "good" if is_good else "bad"
        found.append(Change(f"{arrow} {abs(difference):.1f}{unit} vs {at_day(row[at])}", state))
    return tuple(found)


def _liability(rows: list[Row]) -> Headline:
    """What is owed in credits; months whose use was not observed are nothing to compare with."""
    last = rows[0] if rows else {}
    earlier = [row for row in (*rows[1:2], *rows[12:13]) if row["is_observed"]]
    note = f"for {whole(last['outstanding_credits'])} unused bank credits" if last else ""
    if len(rows) > 1 and not rows[1]["is_observed"]:
        note += "; use was not observed before"
    label, column = "Credit liability", "liability_usd"
    return Headline(
        label,
        money(last.get(column)),
        note,
        "credit_liability_monthly",
        column,
        query_behind(rows),
        _spark(rows, column, label=label),
        changes=compared([*rows[:1], *earlier], "month", column=column, is_up_good=None),
    )


def _quality(rows: list[Row]) -> Headline:
    found = state.quality(rows)
    query = query_behind(rows)
    return Headline(
        "Data quality", found.word, found.note, "quality_results", "checks", query,
        state=found.state,
    )  # fmt: skip


def _spark(newest_first: Sequence[Row], column: str, *, label: str) -> str:
    return sparkline(numbers(newest_first, column)[::-1], title=f"{label} over time")
