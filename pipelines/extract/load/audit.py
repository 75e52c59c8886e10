"""Whether raw.<table> and the source hold the same rows: what each of them counts, and what is
known without counting."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.errors import HypnomartError
from models.quoting import quoted
from pipelines.extract.load import merge, questions
from pipelines.extract.load.table_load import TableLoad
from pipelines.extract.state.checksums import Checksum

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


def audit(load: TableLoad) -> Audited:
    """Count the table at the source, and list what changed in it while that is little."""
    if load.why_all:
        (source,) = load.ask(questions.remote_audit(load.plan))
        return Audited(source, None, load.reader.snapshot.next_xid)
    condition = questions.remote_changed(load.reader.snapshot.age_of(load.watermark_xmin))
    by_place = load.plan.live.bytes < SMALL_BYTES or _few_changed(load, condition)
    (source,) = load.ask(questions.remote_audit(load.plan, changed=condition if by_place else ""))
    places = source.pop("places", None)
    return Audited(source, (places or "{}") if by_place else None, load.reader.snapshot.next_xid)


def _few_changed(load: TableLoad, condition: str) -> bool:
    """Whether the changed rows are few enough to be listed by the scan that counts all rows.

    One block in a hundred tells; a wrong guess costs time or the source's memory, not a row.
    """
    (estimate,) = load.ask(questions.remote_estimate(load.plan, condition))
    return int(estimate["rows"]) <= MOST_PLACES


def totals_of(load: TableLoad, source: dict[str, Any]) -> dict[str, Decimal]:
    """Measures for meta.source_totals: rows and sum_<column>."""
    sums = {name: value for name, value in source.items() if name.startswith("sum_")}
    return {
        "rows": Decimal(source["source_rows"]),
        **{name: value for name, value in sums.items() if value is not None},
    }


def agrees(load: TableLoad, audited: Audited, *, checksum: Checksum) -> bool:
    """Whether raw.<table> has as many rows as the source, with the same sum of ages."""
    table, next_xid = load.plan.table, audited.next_xid
    if checksum.rows != audited.source["source_rows"]:
        return False
    found = checksum.ages(next_xid)
    if found is None:
        found = load.count(merge.ages(table, next_xid))
    return found == int(audited.source["ages"])


def counted(load: TableLoad) -> Checksum:
    """What raw.<table> holds now."""
    (found,) = load.execute(merge.checksum(load.plan.table)).fetchall()
    return Checksum(*map(int, found))


def confirmed(load: TableLoad, checksum: Checksum | None) -> Checksum | None:
    """What raw.<table> must hold if only extractions and erasures wrote there; None where the
    number of its rows is another."""
    if checksum is None:
        return None
    found = load.count(f"select count(*) from raw.{quoted(load.plan.table.name)}")
    return checksum if checksum.rows == found else None


def must_agree(load: TableLoad, audited: Audited) -> Checksum:
    """What raw.<table> holds after everything was read, when nothing is left to be tried. Raises
    HypnomartError."""
    checksum = counted(load)
    if not agrees(load, audited, checksum=checksum):
        raise HypnomartError(
            f"raw.{load.plan.table.name} does not agree with the source after reading it in full; "
            "nothing was written. Please report this."
        )
    return checksum
