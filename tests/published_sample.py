"""A small published file for tests of the reports: the marts they read, with made-up rows."""

from __future__ import annotations

import functools
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from checks.store import TABLES
from pipelines.publication import sync_history
from pipelines.transform.marts import SYNC_HISTORY
from tests.warehouse import parsed_project

AS_OF = datetime(2026, 11, 22, 14, 5)
HOSTILE = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://example.invalid","x")'
# The columns that the sample fills, in the order of its rows; the others stay null.
COLUMNS = {
    "run_manifest": "run_id, table_name, as_of_at, source_rows",
    "dim_dates": "date, month, quarter, is_complete_month",
    "dim_courses": "course_code, title, is_free, plays",
    "fct_revenue": "entry_id, entry_type, booked_at, user_id, gross_usd",
    "revenue_monthly": (
        "revenue_month, product_kind, charges, net_usd, proceeds_usd, refund_rate, is_complete"
    ),
    "mrr_bridge_daily": "movement_date, closing_mrr_usd, closing_customers",
    "mrr_bridge_monthly": (
        "movement_month, opening_mrr_usd, new_usd, reactivation_usd, expansion_usd, "
        "contraction_usd, churn_usd, closing_mrr_usd, customer_churn_rate, "
        "net_revenue_retention, is_complete"
    ),
    "mrr_bridge_by_segment_monthly": (
        "movement_month, dimension, segment, opening_mrr_usd, new_usd, reactivation_usd, "
        "expansion_usd, contraction_usd, churn_usd, switched_usd, closing_mrr_usd, is_complete"
    ),
    "subscription_states_daily": "date, state, customers, mrr_usd",
    "retention_cohorts": (
        "first_paid_month, billing_months, axis, period_number, cohort_size, eligible, "
        "retained, retention_rate, is_complete"
    ),
    "retention_forecast": "billing_months, period_number, observed_survival_rate, fit_status",
    "price_history": "product_key, offer_id, store, valid_from_date, price_usd, is_kept",
    "cohort_performance": (
        "cohort_code, experiment, first_assigned_at, members, sample_ratio_p_value, "
        "is_split_suspicious"
    ),
    "partner_payouts_monthly": (
        "month, partner_code, signups, premium_signups, payout_usd, is_complete"
    ),
    "referral_chains": "root_user_id, direct_referrals, chain_referrals, max_depth",
    "fct_referrals": (
        "referred_user_id, referrer_user_id, root_user_id, depth, is_test, signed_up_at, "
        "first_premium_at"
    ),
    "referral_rings": "ring_id, user_id, is_on_ring, is_test",
    "credit_consumption_weekly": (
        "week_start_date, access, weekly_consumed_credits, bank_consumed_credits, is_lower_bound, "
        "is_observed, is_complete"
    ),
    "credit_liability_monthly": (
        "month, outstanding_credits, liability_usd, unobserved_consumed_credits, "
        "unobserved_recognised_usd, is_observed, is_complete"
    ),
    "referral_performance_monthly": (
        "signup_month, users, k_factor, referral_window_days, referred_conversion_rate, "
        "organic_conversion_rate, is_complete"
    ),
    SYNC_HISTORY.name: "as_of_at, age_band, users, share_rate, band_number",
    "quality_results": (
        "run_id, check_name, suite, area, severity, status, observed_value, expected, "
        "failing_rows, checked_at, asset"
    ),
    "quality_findings": (
        "run_id, check_name, severity, source_table, source_id, user_id, explanation, "
        "money_at_stake_usd"
    ),
}

EVENT_TIMES = {
    "fct_revenue": "booked_at",
    "revenue_monthly": "revenue_month",
    "mrr_bridge_daily": "movement_date",
    "mrr_bridge_monthly": "movement_month",
    "mrr_bridge_by_segment_monthly": "movement_month",
    "subscription_states_daily": "date",
    "retention_cohorts": "first_paid_month",
    "partner_payouts_monthly": "month",
    "credit_consumption_weekly": "week_start_date",
    "credit_liability_monthly": "month",
    "referral_performance_monthly": "signup_month",
}


def write_published(path: Path, *, months: int = 20, is_empty: bool = False) -> Path:
    """A published file of some months before AS_OF; without rows but run_manifest if empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as con:
        con.execute("begin")  # else each of 2,700 statements would wait for the disk
        for statement in mart_tables():
            con.execute(statement)
        con.execute("create schema meta")
        con.execute(
            "create table meta.marts (mart varchar, event_time varchar, area varchar, "
            "answers varchar, key_columns varchar[])"
        )
        con.execute(
            f"insert into run_manifest ({COLUMNS['run_manifest']}) values "
            "('run-7', 'courses', ?, 8)",
            [AS_OF],
        )
        tables = con.execute("select table_name from duckdb_tables() where schema_name = 'main'")
        marts = [[name, EVENT_TIMES.get(name), "quality", "What?", []]
                 for (name,) in tables.fetchall()]  # fmt: skip
        con.executemany("insert into meta.marts values (?, ?, ?, ?, ?)", marts)
        if not is_empty:
            for table, rows in sample_rows(months).items():
                marks = ", ".join("?" for _ in rows[0])
                lines = ", ".join([f"({marks})"] * len(rows))  # one by one would take a minute
                values = [value for row in rows for value in row]
                con.execute(f"insert into {table} ({COLUMNS[table]}) values {lines}", values)
        con.execute("commit")
    return path


@functools.cache
def mart_tables() -> list[str]:
    """Every mart of the project as an empty table, as its contract types it."""
    statements = []
    for model in parsed_project()["nodes"].values():
        if model["resource_type"] == "model" and model["schema"] == "marts":
            described = model["columns"].values()
            columns = ", ".join(f'"{c["name"]}" {c["data_type"]}' for c in described)
            statements.append(f'create table "{model["name"]}" ({columns})')
            statements += [comment(model["name"], c["name"], c["description"]) for c in described]
    kinds = ", ".join(f"{name} {kind}" for name, kind, _ in sync_history.COLUMNS)
    statements.append(f"create table {SYNC_HISTORY.name} ({kinds})")
    statements += [comment(SYNC_HISTORY.name, c, text) for c, _, text in sync_history.COLUMNS]
    for table in TABLES:
        columns = ", ".join(f"{name} {kind}" for name, kind, _ in table.columns)
        statements.append(f"create table {table.name} ({columns.replace('UUID', 'VARCHAR')})")
        statements += [comment(table.name, name, meaning) for name, _, meaning in table.columns]
    return statements


def comment(table: str, column: str, meaning: str) -> str:
    """The statement that says what a column means, as dbt leaves it."""
    quoted = meaning.replace("'", "''")
    return f'comment on column "{table}"."{column}" is \'{quoted}\''


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
            unseen / 1000,
            n > 2,
            not is_open,
        )
        add(
            rows,
            "referral_performance_monthly",
            first,
            50 + n,
            0.11 + 0.02 * (n % 4),
            45,
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
    for billing, kept in ((1, 0.88), (12, 0.6)):
        for period in range(13):
            add(rows, "retention_forecast", billing, period, kept**period, "fitted")
    add_referrals(rows)
    add_segments(rows, months)
    for day, users in ((AS_OF - timedelta(days=1), (10, 30, 60)), (AS_OF, (20, 20, 60))):
        for number, band in enumerate(("0-1 d", "8-30 d", "never")):
            add(rows, SYNC_HISTORY.name, day, band, users[number], users[number] / 100, number)
    add_texts(rows)
    return rows


def person(number: int) -> str:
    """The id of a made-up user."""
    return f"{number:08d}-0000-4000-8000-000000000000"


def add_referrals(rows: dict[str, list[tuple[object, ...]]]) -> None:
    """One chain of three below user 1, a ring of users 8 and 9, and what partners are owed."""
    joined = datetime(2026, 3, 1)
    for child, parent, depth, premium in ((2, 1, 1, joined), (3, 1, 1, None), (4, 2, 2, None)):
        add(rows, "fct_referrals", person(child), person(parent), person(1), depth, False,
            joined, premium)  # fmt: skip
    add(rows, "referral_chains", person(1), 2, 3, 2)
    for user in (8, 9):
        add(rows, "referral_rings", person(8), person(user), True, False)
    owed = ((0, "IOPEN01", 8), (1, "IPART01", 6), (1, "=IPART2", 2.5), (1, "INONE01", 0),
            (2, "IOLD01", 4))  # fmt: skip
    for back, code, usd in owed:
        add(rows, "partner_payouts_monthly", month_back(back), code, 5, 3, usd, back > 0)


def add_texts(rows: dict[str, list[tuple[object, ...]]]) -> None:
    """Rows whose text wants to be more than text."""
    user = "00000000-0000-4000-8000-00000000000a"
    for day in (date(2020, 1, 1), date(2026, 6, 1)):
        add(rows, "price_history", f"monthly {HOSTILE}", "list", "any", day, 4.95, False)
    for arm, at in (("A", datetime(2026, 8, 9)), ("B", datetime(2026, 8, 4, 23))):
        add(rows, "cohort_performance", f"IARM00{arm}", "onboarding", at, 40, 0.0004, True)
    add(rows, "dim_courses", "H01ENB", HOSTILE, False, 7)
    add(rows, "dim_courses", "H02ENB", FORMULA, False, -3)
    for code, title in (("P", "+1"), ("M", "-1"), ("A", "@x"), ("T", "\tx"), ("R", "\rx")):
        add(rows, "dim_courses", code, title, False, 0)
    add(rows, "dim_courses", "OK", 'plain, "quoted"\nline', True, 1)
    add(rows, "fct_revenue", "1", "charge", datetime(2026, 10, 31, 23, 59), user, 4.95)
    add(rows, "fct_revenue", "2", "refund", datetime(2026, 11, 1), user, -4.95)
    add_checks(rows)
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


def add_checks(rows: dict[str, list[tuple[object, ...]]]) -> None:
    """What three checks said of three runs; the third began with the second run."""
    outcomes: dict[str, tuple[str, str, list[str]]] = {
        "receipts_keep_their_token": ("error", "ai_credits", ["passed", "passed", "passed"]),
        "receipts_are_priced": ("warn", "receipts_and_revenue", ["passed", "broken", "failed"]),
        f"text {HOSTILE}": ("warn", "receipts_and_revenue", ["", "failed", "failed"]),
    }
    for check, (severity, area, statuses) in outcomes.items():
        for run, status in enumerate(statuses, start=5):
            if status:
                add(
                    rows,
                    "quality_results",
                    f"run-{run}",
                    check,
                    "receipts",
                    area,
                    severity,
                    status,
                    FORMULA,
                    f"{check} holds",
                    3,
                    AS_OF - timedelta(days=7 - run),
                    "marts/fct_receipts",
                )


def add_segments(rows: dict[str, list[tuple[object, ...]]], months: int) -> None:
    """Seven countries and three plans, each with its part of the bridge; one customer changes the
    plan in the third month."""
    segments = [("country", f"Country {n}") for n in range(7)]
    segments += [("plan", plan) for plan in ("monthly", "yearly", "other")]
    for place, (dimension, segment) in enumerate(segments):
        closing = 0.0
        for n in range(months):
            switched = {"monthly": -4.0, "yearly": 4.0}.get(segment, 0.0) if n == 2 else 0.0
            opening, new, churn = closing, 20.0 + place, -1.0 - n / 2
            closing = opening + new + 1.5 + churn + switched
            add(rows, "mrr_bridge_by_segment_monthly", month_back(months - 1 - n), dimension,
                segment, opening, new, 1.5, 0.0, 0.0, churn, switched, closing,
                n < months - 1)  # fmt: skip


def add(rows: dict[str, list[tuple[object, ...]]], table: str, *values: object) -> None:
    """Add one row."""
    rows.setdefault(table, []).append(values)
