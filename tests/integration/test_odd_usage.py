"""What the source may legally hold of use, logs and orders breaks no test that blocks a run."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from pipelines.base.settings import Settings
from tests.warehouse import build, read, settings_at, write_raw

AS_OF = datetime(2026, 6, 20, 12)
LONG_AGO = datetime(2012, 3, 4)
FAR = datetime(9999, 12, 31)
MOST = 2**31 - 1
MARTS = (
    "fct_credit_lots",
    "fct_credit_consumption",
    "credit_balances",
    "credit_consumption_weekly",
    "credit_liability_monthly",
    "credit_recognition_outlook",
    "fct_listening",
    "course_engagement",
    "custom_course_funnel_monthly",
    "fct_custom_courses",
    "fct_course_settings",
    "content_reach",
    "sync_freshness",
    "app_health_daily",
    "feedback_monthly",
    "function_health_daily",
    "source_volume_daily",
    "dim_courses",
    "dim_dates",
)


def rows_of(table: str, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows with ids of their own and the times of an old business."""
    start = sum(table.encode()) * 1000
    return [
        {"id": UUID(int=start + n), "created_at": LONG_AGO, "updated_at": LONG_AGO} | row
        for n, row in enumerate(rows)
    ]


def balance(user: int, limit: int, used: int, bank: int, spent: int, **more: Any) -> dict[str, Any]:
    return {
        "user_id": UUID(int=user),
        "weekly_limit_credits": limit,
        "weekly_used_credits": used,
        "bank_limit_credits": bank,
        "bank_used_credits": spent,
        "_seen_at": datetime(2026, 6, 1),
    } | more


def pack(user: int, number: int, **more: Any) -> dict[str, Any]:
    return {
        "user_id": UUID(int=user),
        "product_id": "ai_credits_4000",
        "purchase_id": f"GPA.{number}",
        "purchase_token_hash": f"token {number}",
        "source": "google_play",
        "credits_amount": 4000,
        "status": "purchased",
        "transaction_date": "1330819200000",
    } | more


def order(number: int, course: UUID, **more: Any) -> dict[str, Any]:
    return {
        "course_id": course,
        "purchase_id": f"GPA.X{number}",
        "purchase_token_hash": f"order {number}",
        "source": "app_store",
        "link_token_hash": "link",
        "is_submitted": None,
        "status": None,
    } | more


VERSIONS = [
    balance(1, -5, -7, -10, -3),
    balance(1, MOST, MOST, MOST, MOST, _seen_at=datetime(2026, 6, 8), weekly_reset_date=FAR),
    balance(1, -MOST, 0, 0, 5, _seen_at=AS_OF, weekly_reset_date=datetime(1, 1, 1)),
    balance(2, 0, 0, 0, 0, weekly_reset_date=None, updated_at=None),
    balance(2, 0, 3, 0, MOST, weekly_reset_date=FAR, updated_at=FAR, _seen_at=AS_OF),
    balance(3, 100, 50, 0, 9000),
]
COURSES = [UUID(int=n) for n in range(901, 905)]
RAW: dict[str, list[dict[str, Any]]] = {
    "user_profile": [
        {"user_id": UUID(int=n), "role": "user", "created_at": LONG_AGO} for n in (1, 2, 3)
    ],
    "ai_credit_purchases": rows_of(
        "ai_credit_purchases",
        pack(1, 1),
        pack(1, 2, credits_amount=0),
        pack(1, 3, credits_amount=MOST),
        pack(2, 4, credits_amount=-4000, transaction_date="soon"),
        pack(3, 5, amount_paid=Decimal("0.0001"), currency="USD"),
        pack(3, 6, status="refunded", updated_at=datetime(2012, 3, 1)),
    ),
    "custom_courses": [
        {"id": course, "user_id": UUID(int=1), "course_code": " ", "is_delivered": n == 2}
        for n, course in enumerate(COURSES)
    ],
    "custom_course_purchases": rows_of(
        "custom_course_purchases",
        order(1, COURSES[0], created_at=LONG_AGO, updated_at=None),
        order(2, COURSES[1], is_submitted=True, status="ACTIVE "),
        order(3, COURSES[2], is_submitted=True),
        order(4, COURSES[3], is_submitted=False, status="active", updated_at=FAR),
    ),
    "courses": [
        {"id": UUID(int=911), "course_code": "H01ENB", "title": "", "audio": "null"},
        {"id": UUID(int=912), "course_code": "h01enb ", "title": "", "audio": '"text"'},
        {"id": UUID(int=913), "course_code": " ", "title": "", "audio": None},
    ],
    "app_logs": rows_of(
        "app_logs",
        {"user_id": None, "log_type": "", "created_at": None},
        {"user_id": None, "log_type": "user_report", "created_at": FAR, "updated_at": FAR},
        {"user_id": UUID(int=1), "log_type": " Error", "created_at": datetime(1, 1, 1)},
    ),
    "server_logs": [
        {"id": UUID(int=921), "function_name": " ", "level": "", "created_at": LONG_AGO},
        {"id": UUID(int=922), "function_name": "x", "level": "error", "created_at": None},
        {"id": UUID(int=923), "function_name": "x", "level": "error", "created_at": FAR},
    ],
    "cached_handshake_responses": rows_of(
        "cached_handshake_responses",
        {"user_id": UUID(int=1), "updated_at": None},
        {"user_id": UUID(int=2), "updated_at": FAR},
    ),
    "analytics": rows_of(
        "analytics",
        {"user_id": UUID(int=1), "course_code": "H01ENB", "voice": "Female"},
        {"user_id": UUID(int=1), "course_code": "H01ENB ", "voice": "male"},
    ),
}
PLAYS = rows_of(
    "audio_usage",
    {"user_id": UUID(int=1), "course_code": "", "audio_number": " ", "no_of_plays": -5},
    {"user_id": UUID(int=1), "course_code": " ", "audio_number": "", "no_of_plays": MOST},
)


def built(folder: Path, raw: dict[str, Any], history: dict[str, Any] | None) -> Settings:
    """All marts of the areas, with every data test; raises if one fails."""
    settings = settings_at(folder)
    write_raw(settings, raw, as_of=AS_OF, history=history)
    build(settings, *MARTS, tests=True)
    return settings


def test_an_app_that_nobody_has_used_yet_has_marts_without_rows(tmp_path: Path) -> None:
    settings = built(tmp_path, {}, None)
    for mart in set(MARTS) - {"credit_recognition_outlook", "sync_freshness", "dim_dates"}:
        assert read(settings, f"select count(*) as n from {mart}") == [{"n": 0}], mart
    outlook = "select sum(expected_credits) as n, count(*) as weeks from credit_recognition_outlook"
    assert read(settings, outlook) == [{"n": 0, "weeks": 12}]
    assert read(settings, "select max(date) as last from dim_dates") == [
        {"last": date(2027, 6, 20)}
    ]


def test_odd_rows_of_a_business_dead_for_years_break_nothing(tmp_path: Path) -> None:
    usage = [{"id": UUID(int=940 + n)} | row for n, row in enumerate(VERSIONS)]
    present = [
        {name: value for name, value in row.items() if name[0] != "_"}
        for row in (usage[2], usage[4], usage[5])
    ]
    settings = built(
        tmp_path,
        RAW | {"ai_usage": present, "audio_usage": PLAYS},
        {"ai_usage": usage, "audio_usage": PLAYS},
    )
    months = read(settings, "select * from credit_liability_monthly order by month")
    assert (months[0]["month"], months[-1]["month"]) == (date(2012, 3, 1), date(2026, 6, 1))
    assert len(months) == 14 * 12 + 4
    assert all(row["liability_usd"] >= 0 for row in months)
    rates = read(settings, "select utilisation_rate from credit_consumption_weekly")
    assert all(
        row["utilisation_rate"] is None or 0 <= row["utilisation_rate"] <= 1 for row in rates
    )
    states = read(settings, "select state from fct_custom_courses order by receipt_id")
    assert [row["state"] for row in states] == ["form_expired", "failed", "delivered", "form_open"]
    volume = read(
        settings,
        "select sum(rows) as n from source_volume_daily where source_table = 'server_logs'",
    )
    assert volume == [{"n": 1}]
