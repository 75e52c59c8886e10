"""What people are told of a day's reports: the headlines in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reports.headlines import headlines
from reports.overview import moved
from reports.published import Published
from reports.state import state_of


@dataclass(frozen=True)
class Message:
    """The day and run of what is published, a title, and lines of plain text."""

    day: date
    run_id: str
    title: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)


def message_of(published: Published) -> Message:
    """The overview in words: each headline with its changes, what moved MRR, the checks."""
    until = published.until(None)
    state = state_of(published, until)
    figures = [
        f"{one.label}: {one.value} ({'; '.join([one.note, *(c.text for c in one.changes)])})"
        for one in headlines(published, until)
    ]
    complete = (
        f"Months through {state.complete_through} are final. " if state.complete_through else ""
    )
    return Message(
        published.as_of,
        published.run_id,
        f"Reports as of {published.as_of_at:%Y-%m-%d %H:%M} UTC",
        (
            *figures,
            "",
            *([moved(published, until), ""] if moved(published, until) else []),
            f"{complete}Data quality: {state.quality.sentence}.",
        ),
    )
