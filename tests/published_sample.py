"""A small published file for tests of the reports: the marts they read, with made-up rows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

AS_OF = datetime(2026, 11, 22, 14, 5)
HOSTILE = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://example.invalid","x")'
MONEY = "decimal(18,4)"
DDL = f"""
create schema meta;
create table meta.marts (mart varchar, event_time varchar);
create table run_manifest (
    run_id varchar, table_name varchar, as_of_at timestamp, source_rows bigint);
create table dim_dates (date date, month date, quarter varchar, is_complete_month boolean);
create table dim_courses (course_code varchar, title varchar, is_free boolean, plays bigint);
create table fct_revenue (
    entry_id varchar, entry_type varchar, booked_at timestamp, user_id uuid, gross_usd {MONEY});
create table revenue_monthly (
    revenue_month date, product_kind varchar, charges bigint, net_usd {MONEY},
    proceeds_usd {MONEY}, refund_rate double, is_complete boolean);
create table mrr_bridge_daily (
    movement_date date, closing_mrr_usd {MONEY}, closing_customers bigint);
create table mrr_bridge_monthly (
    movement_month date, opening_mrr_usd {MONEY}, new_usd {MONEY}, reactivation_usd {MONEY},
    expansion_usd {MONEY}, contraction_usd {MONEY}, churn_usd {MONEY}, closing_mrr_usd {MONEY},
    customer_churn_rate double, net_revenue_retention double, is_complete boolean);
create table subscription_states_daily (
    date date, state varchar, customers bigint, mrr_usd {MONEY});
create table retention_cohorts (
    first_paid_month date, billing_months bigint, axis varchar, period_number bigint,
    cohort_size bigint, eligible bigint, retained bigint, retention_rate double,
    is_complete boolean);
create table credit_consumption_weekly (
    week_start_date date, access varchar, weekly_consumed_credits bigint,
    bank_consumed_credits bigint, is_lower_bound boolean, is_observed boolean,
    is_complete boolean);
create table credit_liability_monthly (
    month date, outstanding_credits bigint, liability_usd {MONEY},
    unobserved_consumed_credits bigint, is_observed boolean, is_complete boolean);
create table referral_performance_monthly (
    signup_month date, users bigint, k_factor double, referred_conversion_rate double,
    organic_conversion_rate double, is_complete boolean);
create table quality_results (
    run_id varchar, check_name varchar, suite varchar, area varchar, severity varchar,
    status varchar, observed_value varchar, expected varchar, failing_rows bigint,
    checked_at timestamp);
create table quality_findings (
    run_id varchar, check_name varchar, severity varchar, source_table varchar,
    source_id varchar, user_id uuid, explanation varchar, money_at_stake_usd {MONEY});
"""

EVENT_TIMES = {
    "fct_revenue": "booked_at",
    "revenue_monthly": "revenue_month",
    "mrr_bridge_daily": "movement_date",
    "mrr_bridge_monthly": "movement_month",
    "subscription_states_daily": "date",
    "retention_cohorts": "first_paid_month",
    "credit_consumption_weekly": "week_start_date",
    "credit_liability_monthly": "month",
    "referral_performance_monthly": "signup_month",
}


def write_published(path: Path, *, months: int = 20, is_empty: bool = False) -> Path:
    """A published file of some months before AS_OF; without rows but run_manifest if empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as con:
        con.execute(DDL)
        con.execute("insert into run_manifest values ('run-7', 'courses', ?, 8)", [AS_OF])
        tables = con.execute("select table_name from duckdb_tables() where schema_name = 'main'")
        marts = [[name, EVENT_TIMES.get(name)] for (name,) in tables.fetchall()]
        con.executemany("insert into meta.marts values (?, ?)", marts)
        if not is_empty:
            for table, rows in sample_rows(months).items():
                marks = ", ".join("?" for _ in rows[0])
                lines = ", ".join([f"({marks})"] * len(rows))  # one by one would take a minute
                con.execute(f"insert into {table} values {lines}", [v for row in rows for v in row])
    return path


def month_back(count: int) -> date:
    """The first of the month `count` months before AS_OF's."""
    number = AS_OF.year * 12 + AS_OF.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def sample_rows(months: int) -> dict[str, list[tuple[object, ...]]]:
    """Rows by table: plausible, with a refund month, an open month, and hostile texts."""
    rows: dict[str, list[tuple[object, ...]]] = {}
    opening = 0.0
    firsts = [month_back(n) for n in reversed(range(months))]
    for n, first in enumerate(firsts):
        is_open = n == months - 1
        new, back, up, down = 120.0 + 14 * n, 4.0 * n, 9.5 + n, -6.25 - n
        churn = -0.11 * opening
        closing = opening + new + back + up + down + churn
        add(
            rows,
            "mrr_bridge_monthly",
            first,
            opening,
            new,
            back,
            up,
            down,
            churn,
            closing,
            None if n == 0 else 0.11 + 0.004 * (n % 3),
            None if n == 0 else 0.93,
            not is_open,
        )
        opening = closing
        add(
            rows,
            "revenue_monthly",
            first,
            "subscription",
            40,
            closing * 1.02,
            closing * 0.87,
            0.01,
            not is_open,
        )
        add(
            rows,
            "revenue_monthly",
            first,
            "ai_credits",
            9,
            30.0 + 5 * n,
            25.5 + n,
            0.0,
            not is_open,
        )
        course = -25.0 if n == 6 else 12.0
        add(rows, "revenue_monthly", first, "course", 1, course, course, 0.0, not is_open)
        unseen = 900 if n == 2 else 0
        add(
            rows,
            "credit_liability_monthly",
            first,
            4000 * (n + 1),
            2.1 * (n + 1),
            unseen,
            n > 2,
            not is_open,
        )
        add(
            rows,
            "referral_performance_monthly",
            first,
            50 + n,
            0.11 + 0.02 * (n % 4),
            0.31,
            0.22,
            n < months - 2,
        )
        for billing, plan_size in ((1, 80), (12, 14)):
            for period in range(min(months - n, 13) if billing == 1 else 1 + (months - n) // 13):
                eligible = plan_size if period < months - n - 1 else plan_size - 5
                retained = round(eligible * (0.88**period if billing == 1 else 0.6**period))
                add(
                    rows,
                    "retention_cohorts",
                    first,
                    billing,
                    "renewal",
                    period,
                    plan_size,
                    eligible,
                    retained,
                    retained / eligible,
                    eligible == plan_size,
                )
    for day in range(months * 30):
        at = AS_OF.date() - timedelta(days=months * 30 - 1 - day)
        add(rows, "mrr_bridge_daily", at, 3.2 * day + 40 * (day % 7), 12 + day // 2)
        add(rows, "dim_dates", at, at.replace(day=1), "2026-Q1", True)
        for state, share in (
            ("active_renewing", 0.8),
            ("active_canceling", 0.12),
            ("grace", 0.05),
            ("trial", 0.1),
        ):
            add(rows, "subscription_states_daily", at, state, round((12 + day / 2) * share), 5.0)
    for week in range(30):
        at = date(2026, 11, 16) - timedelta(weeks=29 - week)
        seen = (week > 0, week < 29)
        add(
            rows, "credit_consumption_weekly", at, "premium", 90000 + 3000 * week, 8000, True, *seen
        )
        add(rows, "credit_consumption_weekly", at, "free", 0, 2500 + 900 * (week % 5), False, *seen)
    add_texts(rows)
    return rows


def add_texts(rows: dict[str, list[tuple[object, ...]]]) -> None:
    """Rows whose text wants to be more than text."""
    user = "00000000-0000-4000-8000-00000000000a"
    add(rows, "dim_courses", "H01ENB", HOSTILE, False, 7)
    add(rows, "dim_courses", "H02ENB", FORMULA, False, -3)
    for code, title in (("P", "+1"), ("M", "-1"), ("A", "@x"), ("T", "\tx"), ("R", "\rx")):
        add(rows, "dim_courses", code, title, False, 0)
    add(rows, "dim_courses", "OK", 'plain, "quoted"\nline', True, 1)
    add(rows, "fct_revenue", "1", "charge", datetime(2026, 10, 31, 23, 59), user, 4.95)
    add(rows, "fct_revenue", "2", "refund", datetime(2026, 11, 1), user, -4.95)
    for check, severity, status in (
        ("receipts_keep_their_token", "error", "passed"),
        ("receipts_are_priced", "warn", "failed"),
        (f"text {HOSTILE}", "warn", "failed"),
    ):
        add(
            rows,
            "quality_results",
            "run-7",
            check,
            "receipts",
            "receipts",
            severity,
            status,
            FORMULA,
            "0 rows",
            3,
            AS_OF,
        )
    for n in range(3):
        add(
            rows,
            "quality_findings",
            "run-7",
            "receipts_are_priced",
            "warn",
            "ai_credit_purchases",
            str(n),
            user,
            "no price \u202e\x07 in the book",
            2.95,
        )
    add(rows, "quality_findings", "run-7", "text", "warn", HOSTILE, "9", None, FORMULA, None)


def add(rows: dict[str, list[tuple[object, ...]]], table: str, *values: object) -> None:
    """Add one row."""
    rows.setdefault(table, []).append(values)
