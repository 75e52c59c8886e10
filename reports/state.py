"""What the top of every page says: how checks ended, how fresh and how complete the data are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.counting import counted
from reports.figures import month
from reports.published import Period, Published, known_months
from reports.queries import Row
from reports.render.html import shown


@dataclass(frozen=True)
class Quality:
    """The checks of the newest run in a word and a note; `state` colors it."""

    word: str
    note: str
    state: str

    @property
    def sentence(self) -> str:
        """Both in one."""
        return f"{self.word}, {self.note}"


@dataclass(frozen=True)
class State:
    """The checks, the newest event of the source, and the last month that is over, if any."""

    quality: Quality
    newest_event_at: datetime | None
    complete_through: str

    @property
    def final(self) -> str:
        """Through which month nothing is still due, empty before the first one."""
        if not self.complete_through:
            return ""
        return f"months through {self.complete_through} are final unless hatched or hollow"

    @property
    def sentence(self) -> str:
        """All of it, for paper."""
        parts = [f"Data quality: {self.quality.sentence}"]
        if self.newest_event_at:
            parts.append(f"newest event {shown(self.newest_event_at)}")
        if self.final:
            parts.append(self.final)
        return " · ".join([*parts, "amounts in US dollars", "times in UTC"])


def state_of(published: Published, until: date) -> State:
    """The state of what is published, of months before the day `until`."""
    rows = published.rows("state", until=until)
    newest, complete = rows[0].values() if rows else (None, None)
    checks = quality(published.rows("checks", until=until))
    return State(checks, newest, month(complete) if complete else "")


def settled_periods(published: Published) -> tuple[Period | None, Period | None]:
    """The newest month that is final, and the newest week that is over, where there are any."""
    rows = published.rows("settled", until=published.until(None))
    month_day = rows[0]["last_month"] if rows else None
    _, weeks = past_periods(published)
    return (Period(month_day) if month_day else None), (weeks[-1] if weeks else None)


def past_periods(published: Published) -> tuple[list[Period], list[Period]]:
    """The months and the weeks of what is published that are over, the oldest first."""
    first, _ = known_months(published)
    monday = first + timedelta(days=-first.weekday() % 7)
    starts = Period(first), Period(monday, is_week=True)
    months, weeks = ([*_over(start, published.as_of)] for start in starts)
    return months, weeks


def _over(period: Period, today: date) -> Iterator[Period]:
    while period.end <= today:
        yield period
        period = Period(period.end, is_week=period.is_week)


def quality(rows: Sequence[Row]) -> Quality:
    """The state of the newest run's checks in a word."""
    count = {(row["severity"], row["status"]): row["checks"] for row in rows}
    total = sum(count.values())
    checks = counted(total, "check")
    errors = sum(n for (severity, status), n in count.items()
                 if severity == "error" and status != "passed")  # fmt: skip
    warnings = total - errors - sum(n for (_, status), n in count.items() if status == "passed")
    if not total:
        return Quality("not checked", "no check has run", "warn")
    if errors:
        return Quality(f"{errors} failed", f"of {checks}", "bad")
    if warnings:
        note = f"of {checks}; none of severity error"
        return Quality(counted(warnings, "warning"), note, "warn")
    return Quality("passed", f"all {checks}" if total > 1 else "the only check", "good")
