"""The MRR bridge: what moved it month by month, in all, in one month, and by segment."""

from __future__ import annotations

from collections.abc import Sequence

from reports import charts
from reports.charts.scales import Series
from reports.figures import Event, Figure, Words, flags, months, numbers
from reports.flows import FLOWS
from reports.queries import Row, query_behind
from reports.segments import DIMENSIONS, drawn
from reports.shapes import labels_of, tabled, waterfall

STEPS = (
    ("opening_mrr_usd", "opening", True),
    *((f"{name}_usd", name, False) for name in FLOWS),
    ("closing_mrr_usd", "closing", True),
)
# What a customer who changes the segment takes out of one and into another: nothing in all.
OF_SEGMENTS = (*FLOWS, "switched")


def of_all(rows: list[Row], events: Sequence[Event] = ()) -> Figure:
    """What moved monthly recurring revenue, month by month."""
    words = Words(
        "mrr-bridge",
        "What moved monthly recurring revenue",
        "Closing MRR above; gains and losses of each month below. Hatched: not complete yet.",
        "mrr_bridge_monthly",
        "USD",
    )
    happened = flags(events, [row["movement_month"] for row in rows])
    flows = [Series(name, name, numbers(rows, f"{name}_usd"), f"{name}_usd") for name in FLOWS]
    svg = charts.bridge(
        months(rows, "movement_month"),
        flows,
        closing=Series("closing MRR", "closing", numbers(rows, "closing_mrr_usd")),
        title=words.title,
        description=words.text,
        unit=words.unit,
        incomplete=[not row["is_complete"] for row in rows],
        flags=happened,
    )
    columns = {
        "movement_month": "month",
        "opening_mrr_usd": "opening MRR",
        **{f"{name}_usd": name for name in FLOWS},
        "closing_mrr_usd": "closing MRR",
        "is_complete": "complete",
    }
    return Figure(
        words, svg, query_behind(rows), flows, tabled(rows[::-1], columns), is_wide=True,
        notes=tuple(happened.values()),
    )  # fmt: skip


def of_month(rows: list[Row]) -> Figure:
    """What led from opening to closing MRR."""
    return waterfall(
        Words(
            "mrr-waterfall",
            "From opening to closing MRR",
            "Of the last complete month; the figures below have every month.",
            "mrr_bridge_monthly",
            "USD",
        ),
        rows,
        at="movement_month",
        steps=STEPS,
    )


def of_segments(rows: list[Row], dimension: str, *, ranked: Sequence[str]) -> Figure:
    """What moved MRR month by month in each segment of a dimension: in the largest, and in the
    others as one. The table has them all."""
    words = Words(
        f"bridge-{dimension}",
        f"What moved MRR, by {DIMENSIONS[dimension]}",
        "Gains and losses of each month, all on one scale; they add up to those of all. Switched: "
        "what customers who changed from one to another carried over. Hatched: not complete yet.",
        "mrr_bridge_by_segment_monthly",
        "USD",
    )
    at = sorted({row["movement_month"] for row in rows})
    closing, *flows = (
        drawn(rows, at, at="movement_month", value=f"{name}_usd", ranked=ranked)
        for name in ("closing_mrr", *OF_SEGMENTS)
    )
    parts = [
        charts.Panel(
            balance.name,
            [
                Series(name, name, flow[place].values)
                for name, flow in zip(OF_SEGMENTS, flows, strict=True)
            ],
            [Series("closing MRR", "closing", balance.values)],
        )
        for place, balance in enumerate(closing)
    ]
    open_months = {row["movement_month"] for row in rows if not row["is_complete"]}
    svg = charts.panels(
        labels_of("movement_month", at),
        parts,
        title=words.title,
        description=words.text,
        unit=words.unit,
        incomplete=[month in open_months for month in at],
    )
    columns = {
        "movement_month": "month",
        "segment": "segment",
        "opening_mrr_usd": "opening MRR",
        **{f"{name}_usd": name for name in OF_SEGMENTS},
        "closing_mrr_usd": "closing MRR",
        "is_complete": "complete",
    }
    legend = [Series(name, name, (), f"{name}_usd") for name in OF_SEGMENTS]
    return Figure(words, svg, query_behind(rows), legend, tabled(rows[::-1], columns), is_wide=True)
