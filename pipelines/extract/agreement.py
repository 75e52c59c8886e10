"""Whether raw.<table> and the source hold the same rows: what each of them counts, and what is
known without counting."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.errors import HypnomartError
from models.quoting import quoted
from pipelines.extract import delta
from pipelines.extract.marks import Held
from pipelines.extract.turn import Turn

# Up to so many changed rows are fetched by their place or key; beyond, by a second scan.
MOST_PLACES = 100_000
SMALL_BYTES = 8_000_000  # a table that can hardly hold so many


@dataclass(frozen=True)
class Audited:
    """What one scan of the source told: its counts, and where the changed rows lie, as an array
    of ctid; None where they are too many to be listed. Ages count back from `next_xid`."""

    source: dict[str, Any]
    places: str | None
    next_xid: int


def audit(turn: Turn) -> Audited:
    """Count the table at the source, and list what changed in it while that is little."""
    if turn.why_all:
        (source,) = turn.ask(delta.remote_audit(turn.plan))
        return Audited(source, None, turn.server.next_xid)
    condition = delta.remote_changed(turn.server.age_of(turn.mark_xmin))
    by_place = turn.plan.live.bytes < SMALL_BYTES or _few_changed(turn, condition)
    (source,) = turn.ask(delta.remote_audit(turn.plan, changed=condition if by_place else ""))
    places = source.pop("places", None)
    return Audited(source, (places or "{}") if by_place else None, turn.server.next_xid)


def _few_changed(turn: Turn, condition: str) -> bool:
    """Whether the changed rows are few enough to be listed by the scan that counts all rows.

    One block in a hundred tells; a wrong guess costs time or the source's memory, not a row.
    """
    (estimate,) = turn.ask(delta.remote_estimate(turn.plan, condition))
    return int(estimate["rows"]) <= MOST_PLACES


def totals_of(turn: Turn, source: dict[str, Any]) -> dict[str, Decimal]:
    """Measures for meta.source_totals: rows and sum_<column>."""
    sums = {name: value for name, value in source.items() if name.startswith("sum_")}
    return {
        "rows": Decimal(source["source_rows"]),
        **{name: value for name, value in sums.items() if value is not None},
    }


def agrees(turn: Turn, audited: Audited, held: Held) -> bool:
    """Whether raw.<table> has as many rows as the source, with the same sum of ages."""
    table, next_xid = turn.plan.table, audited.next_xid
    if held.rows != audited.source["source_rows"]:
        return False
    found = held.ages(next_xid)
    if found is None:
        found = turn.count(delta.ages(table, next_xid))
    return found == int(audited.source["ages"])


def counted(turn: Turn) -> Held:
    """What raw.<table> holds now."""
    (found,) = turn.execute(delta.held(turn.plan.table)).fetchall()
    return Held(*map(int, found))


def confirmed(turn: Turn, held: Held | None) -> Held | None:
    """What raw.<table> must hold if only extractions and erasures wrote there; None where the
    number of its rows is another."""
    found = turn.count(f"select count(*) from raw.{quoted(turn.plan.table.name)}") if held else 0
    return held if held and held.rows == found else None


def must_agree(turn: Turn, audited: Audited) -> Held:
    """What raw.<table> holds after everything was read, when nothing is left to be tried. Raises
    HypnomartError."""
    held = counted(turn)
    if not agrees(turn, audited, held):
        raise HypnomartError(
            f"raw.{turn.plan.table.name} does not agree with the source after reading it in full; "
            "nothing was written. Please report this."
        )
    return held
