"""The charts of the overview: each selects from its mart and hands rows to a chart, no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reports import charts
from reports.marks import Cell, Series, percent
from reports.published import Published, Row

FLOWS = (
    ("new", "new_usd", "new"),
    ("reactivation", "reactivation_usd", "reactivation"),
    ("expansion", "expansion_usd", "expansion"),
    ("contraction", "contraction_usd", "contraction"),
    ("churn", "churn_usd", "churn"),
)
LIABILITY = ("outstanding_credits", "liability_usd", "unobserved_consumed_credits", "is_observed")
KINDS = ("subscription", "ai_credits", "custom_audio", "course")
STATES = ("active_renewing", "active_canceling", "grace", "trial")
PLANS = {1: "monthly plan", 3: "quarterly plan", 12: "yearly plan"}


@dataclass(frozen=True)
class Figure:
    """A chart with its words, its source, and its figures as a table."""

    key: str
    title: str
    text: str
    mart: str
    svg: str
    legend: str = ""
    header: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = field(default=())
    is_wide: bool = False


def all_figures(published: Published, until: date) -> list[Figure]:
    """Every figure of the page in its order, of months before the day `until`."""
    return [
        mrr_bridge(published.rows("bridge_months", until=until)[::-1]),
        revenue(published.rows("revenue_kinds", until=until)),
        states(published.rows("states", until=until)),
        *retention(published.rows("retention", until=until)),
        credit_consumption(published.rows("credits", until=until)),
        credit_liability(published.rows("liability", until=until)[::-1]),
        referral_k(published.rows("referrals", until=until)[::-1]),
    ]


def mrr_bridge(rows: Sequence[Row]) -> Figure:
    """What moved monthly recurring revenue, month by month."""
    flows = [Series(name, style, numbers(rows, column)) for name, column, style in FLOWS]
    closing = Series("closing MRR", "closing", numbers(rows, "closing_mrr_usd"))
    title = "What moved monthly recurring revenue"
    text = "Closing MRR above; gains and losses of each month below. Faded: not complete yet."
    columns = ["opening_mrr_usd", *(column for _, column, _ in FLOWS), "closing_mrr_usd"]
    return Figure(
        "mrr-bridge",
        title,
        text,
        "mrr_bridge_monthly",
        charts.bridge(
            months(rows, "movement_month"),
            flows,
            closing,
            title=title,
            description=text,
            unit="USD",
            incomplete=[not row["is_complete"] for row in rows],
        ),
        charts.legend(flows),
        ["month", *columns],
        [[month(row["movement_month"]), *(row[c] for c in columns)] for row in reversed(rows)],
        is_wide=True,
    )


def revenue(rows: Sequence[Row]) -> Figure:
    """Net revenue by month and kind of product."""
    labels = sorted({row["revenue_month"] for row in rows})
    series = pivot(rows, labels, "revenue_month", "product_kind", "net_usd", order=KINDS)
    title = "Net revenue by kind of product"
    text = "Charges less refunds, store fees and tax included. Faded: month not over."
    done = {row["revenue_month"]: bool(row["is_complete"]) for row in rows}
    return Figure(
        "revenue",
        title,
        text,
        "revenue_monthly",
        charts.columns(
            [month(label) for label in labels],
            series,
            title=title,
            description=text,
            unit="USD a month",
            incomplete=[not done[label] for label in labels],
        ),
        charts.legend(series),
        ["month", "kind", "net_usd", "proceeds_usd"],
        [
            [month(r["revenue_month"]), r["product_kind"], r["net_usd"], r["proceeds_usd"]]
            for r in reversed(rows)
        ],
    )


def states(rows: Sequence[Row]) -> Figure:
    """Customers by state of their subscription, day by day."""
    days = sorted({row["date"] for row in rows})
    series = pivot(rows, days, "date", "state", "customers", order=STATES)
    title = "Subscriptions by state"
    text = "Customers at the end of each day; trials pay nothing yet, grace is past its end."
    last = [row for row in rows if row["date"] == days[-1]] if days else []
    return Figure(
        "states",
        title,
        text,
        "subscription_states_daily",
        charts.areas(
            [f"{d.day} {d:%b %y}" for d in days],
            series,
            title=title,
            description=text,
            unit="customers",
        ),
        charts.legend(series),
        ["date", "state", "customers", "mrr_usd"],
        [[r["date"], r["state"], r["customers"], r["mrr_usd"]] for r in last],
    )


def retention(rows: Sequence[Row]) -> list[Figure]:
    """One triangle for each length of plan; without rows a single empty one."""
    lengths = sorted({row["billing_months"] for row in rows})
    if not lengths:
        return [_triangle("all plans", [])]
    return [
        _triangle(PLANS.get(n, f"{n}-month plan"), [r for r in rows if r["billing_months"] == n])
        for n in lengths
    ]


def _triangle(plan: str, rows: Sequence[Row]) -> Figure:
    cohorts = sorted({row["first_paid_month"] for row in rows})
    periods = sorted({row["period_number"] for row in rows})
    cells = {
        (cohorts.index(row["first_paid_month"]), periods.index(row["period_number"])): Cell(
            float(row["retention_rate"]),
            f"{month(row['first_paid_month'])}, renewal {row['period_number']}: "
            f"{row['retained']:,} of {row['eligible']:,} eligible",
            bool(row["is_complete"]),
        )
        for row in rows
        if row["retention_rate"] is not None
    }
    title = f"Retention, {plan}"
    text = (
        "Of customers by month of their first paid period, the share in % that paid the n-th "
        "renewal, among those whose renewal is due. Framed: not all are due yet."
    )
    return Figure(
        f"retention-{plan.split()[0]}",
        title,
        text,
        "retention_cohorts",
        charts.heat_map(
            [month(cohort) for cohort in cohorts],
            [str(period) for period in periods],
            cells,
            title=title,
            description=text,
            axis="renewal number",
        ),
        "",
        ["cohort", "renewal", "eligible", "retained", "retention_rate"],
        [
            [
                month(r["first_paid_month"]),
                r["period_number"],
                r["eligible"],
                r["retained"],
                r["retention_rate"],
            ]
            for r in rows
        ],
    )


def credit_consumption(rows: Sequence[Row]) -> Figure:
    """AI credits used by week, access and pool."""
    weeks = sorted({row["week_start_date"] for row in rows})
    pools = {"weekly_consumed_credits": "allowance", "bank_consumed_credits": "bank"}
    series = [
        Series(f"{one.name}, {pool}", f"{one.style}-{pool}", one.values)
        for column, pool in pools.items()
        for one in pivot(
            rows, weeks, "week_start_date", "access", column, order=("premium", "free")
        )
    ]
    title = "AI credits used by week"
    text = (
        "What was seen from one run to the next: at least this much, from the second run on. "
        "Faded: not observed from its first day, or not over."
    )
    settled = {row["week_start_date"]: bool(row["is_settled"]) for row in rows}
    return Figure(
        "credits",
        title,
        text,
        "credit_consumption_weekly",
        charts.columns(
            [f"{week.day} {week:%b %y}" for week in weeks],
            series,
            title=title,
            description=text,
            unit="credits a week",
            incomplete=[not settled[week] for week in weeks],
        ),
        charts.legend(series),
        ["week", "access", *pools],
        [[r["week_start_date"], r["access"], *(r[c] for c in pools)] for r in reversed(rows)],
    )


def credit_liability(rows: Sequence[Row]) -> Figure:
    """What is owed in credits that were paid for and not used, at the end of each month."""
    series = [Series("liability", "ai-credits", numbers(rows, "liability_usd"))]
    title = "Owed in unused bank credits"
    text = (
        "At the price of the packs they came in, at the end of each month and at present. Faded: "
        "use was not observed yet, so too much stands there; it is taken off in the month of the "
        "first run, and the fall shows it. The present month is faded until it is over."
    )
    return Figure(
        "credit-liability",
        title,
        text,
        "credit_liability_monthly",
        charts.columns(
            months(rows, "month"),
            series,
            title=title,
            description=text,
            unit="USD",
            incomplete=[not (row["is_observed"] and row["is_complete"]) for row in rows],
        ),
        "",
        ["month", *LIABILITY],
        [[month(r["month"]), *(r[column] for column in LIABILITY)] for r in reversed(rows)],
    )


def referral_k(rows: Sequence[Row]) -> Figure:
    """Users that each new user brought within the window that the mart names."""
    span = f"{rows[-1]['referral_window_days']} days" if rows else "the window"
    series = [Series(f"k within {span}", "k", numbers(rows, "k_factor"))]
    title = "New users that each user brings"
    text = (
        f"Sign-ups within {span} of their referrer's own, per user of the month. Hollow: not over."
    )
    return Figure(
        "referral-k",
        title,
        text,
        "referral_performance_monthly",
        charts.lines(
            months(rows, "signup_month"),
            series,
            title=title,
            description=text,
            unit="users per user",
            incomplete=[not row["is_complete"] for row in rows],
        ),
        "",
        ["month", "users", "k_factor", "referred premium", "organic premium"],
        [
            [
                month(r["signup_month"]),
                r["users"],
                r["k_factor"],
                _rate(r["referred_conversion_rate"]),
                _rate(r["organic_conversion_rate"]),
            ]
            for r in reversed(rows)
        ],
    )


def pivot(
    rows: Sequence[Row],
    labels: Sequence[date],
    label: str,
    name: str,
    value: str,
    *,
    order: Sequence[str],
) -> list[Series]:
    """One series for each name, the known ones first; no row is no value."""
    cells = {(row[label], row[name]): row[value] for row in rows}
    present = {row[name] for row in rows}
    names = [n for n in order if n in present] + sorted(present - set(order), key=str)
    return [
        Series(
            str(n).replace("_", " "),
            str(n).replace("_", "-") if n in order else "other",
            [None if (v := cells.get((at, n))) is None else float(v) for at in labels],
        )
        for n in names
    ]


def numbers(rows: Sequence[Row], column: str) -> list[float | None]:
    """A column as a chart takes it."""
    return [None if row[column] is None else float(row[column]) for row in rows]


def months(rows: Sequence[Row], column: str) -> list[str]:
    """A column of months as labels."""
    return [month(row[column]) for row in rows]


def month(day: date | str) -> str:
    """A month as a label: Oct 2026, since Oct 26 reads as a day. One that Python cannot hold, such
    as of the year 44 BC, DuckDB gives as text; it stays as it is."""
    return day if isinstance(day, str) else f"{day:%b %Y}"


def _rate(value: float | None) -> str | None:
    return None if value is None else percent(round(value, 4))
