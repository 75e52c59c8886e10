"""Engagement and operations: numbers worked by hand from rows in raw.* and history.*."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pipelines.base.settings import Settings
from tests.warehouse import build, build_from, read, settings_at, write_raw

AS_OF = datetime(2026, 11, 10, 12)
ANN, BEN, CID, TESTER = (UUID(int=n) for n in (1, 2, 3, 9))
INSTITUTION, PARTNER, EMPTY = (UUID(int=n) for n in (21, 22, 23))
SHOP, SHOP_VARIANT, ADS, NOBODY = (UUID(int=n) for n in (31, 32, 33, 34))
MART_NAMES = (
    "fct_listening",
    "course_engagement",
    "custom_course_funnel_monthly",
    "content_reach",
    "sync_freshness",
    "app_health_daily",
    "feedback_monthly",
    "function_health_daily",
    "fct_custom_courses",
    "fct_course_settings",
    "dim_courses",
    "dim_dates",
    "source_volume_daily",
)


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour)


def played(
    user: UUID, plays: int, updated_at: datetime, seen_at: datetime, **changes: Any
) -> dict[str, Any]:
    """A version of a play counter of the first file of C14ENB."""
    return {
        "id": UUID(int=user.int + 100),
        "user_id": user,
        "course_code": "C14ENB",
        "audio_number": "1",
        "no_of_plays": plays,
        "updated_at": updated_at,
        "_seen_at": seen_at,
    } | changes


# Ann: 5 before the first snapshot, +3 and +1 on the same day, a version that only a title changed,
# a reinstall (9 -> 2), a reset to 0, a deletion and a return under a new id with 4.
PLAYS = [
    played(ANN, 5, at(10, 1, 8), at(10, 2)),
    played(ANN, 8, at(10, 3, 8), at(10, 3, 12)),
    played(ANN, 9, at(10, 3, 20), at(10, 4)),
    played(ANN, 9, at(10, 5, 8), at(10, 6)),
    played(ANN, 2, at(10, 7, 8), at(10, 8)),
    played(ANN, 0, at(10, 9, 8), at(10, 10)),
    played(ANN, 0, at(10, 9, 8), at(10, 12), _op="delete"),
    played(ANN, 4, at(10, 13, 8), at(10, 14), id=UUID(int=777)),
    # Ben's counter moved without updated_at: dated by when it was seen.
    played(BEN, 1, at(10, 1, 8), at(10, 2), audio_number="2"),
    played(BEN, 3, at(10, 1, 8), at(10, 9), audio_number="2"),
    played(BEN, 6, at(10, 1, 8), at(10, 2), course_code="P01ENB"),
    played(TESTER, 50, at(10, 1, 8), at(10, 2)),
    # never played
    played(CID, 0, at(10, 1, 8), at(10, 2)),
]


def setting(user: UUID, **chosen: str) -> dict[str, Any]:
    return {"id": UUID(int=user.int + 200), "user_id": user, "course_code": "C14ENB"} | chosen


def log(number: int, user: UUID | None, kind: str, when: datetime, **more: Any) -> dict[str, Any]:
    row = {"id": UUID(int=number), "user_id": user, "log_type": kind, "created_at": when}
    flags = {"is_skipped_sync": False, "is_failed_validation": False, "updated_at": when}
    return row | flags | more


def run(number: int, level: str, duration: int | None, **more: Any) -> dict[str, Any]:
    row = {"id": UUID(int=number), "function_name": "handshake", "level": level}
    return row | {"duration_ms": duration, "created_at": at(11, 1)} | more


def bought(number: int, day: datetime, **more: Any) -> dict[str, Any]:
    """A made-to-order course bought by Ann; its course is number + 1000."""
    return {
        "id": UUID(int=number),
        "course_id": UUID(int=number + 1000),
        "purchase_id": f"GPA.{number}",
        "purchase_token_hash": f"token {number}",
        "source": "google_play",
        "link_token_hash": f"link {number}",
        "is_submitted": False,
        "status": "active",
        "created_at": day,
        "updated_at": day,
    } | more


def course(number: int, updated_at: datetime, audio_files: int, **more: Any) -> dict[str, Any]:
    return {
        "id": UUID(int=number + 1000),
        "user_id": ANN,
        "course_code": "X99ENB",
        "updated_at": updated_at,
        "is_delivered": audio_files > 0,
        "audio_files": audio_files,
    } | more


def catalogued(number: int, code: str, audio: str) -> dict[str, Any]:
    return {"id": UUID(int=number), "course_code": code, "title": code, "audio": audio}


RAW: dict[str, list[dict[str, Any]]] = {
    "user_profile": [
        {"user_id": ANN, "role": "user"},
        {"user_id": BEN, "role": "user"},
        {"user_id": CID, "role": "user"},
        {"user_id": TESTER, "role": "tester"},
    ],
    "courses": [
        catalogued(41, "C14ENB", '{"audio_files": [{"number": "1"}, {"number": "2"}]}'),
        catalogued(42, "S01ENB", '[{"number": "1"}, {}, {}]'),
        catalogued(43, "P01ENB", '{"audio_files": "none"}'),
        catalogued(44, "E01ENB", "{not json"),
    ],
    "course_purchases": [
        {
            "id": UUID(int=51),
            "user_id": ANN,
            "course_code": "C14ENB",
            "source": "google_play",
            "status": "purchased",
            "voice": "Male",
        },
        {
            "id": UUID(int=52),
            "user_id": ANN,
            "course_code": "C14ENB",
            "source": "google_play",
            "status": "restored",
            "voice": "Female",
        },
        {
            "id": UUID(int=53),
            "user_id": BEN,
            "course_code": "C14ENB",
            "source": "premium_slot",
            "status": "purchased",
        },
        {
            "id": UUID(int=54),
            "user_id": CID,
            "course_code": "C14ENB",
            "source": "google_play",
            "status": "refunded",
        },
        {
            "id": UUID(int=55),
            "user_id": CID,
            "course_code": "S01ENB",
            "source": "google_play",
            "status": "pending_validation",
        },
        {
            "id": UUID(int=56),
            "user_id": TESTER,
            "course_code": "S01ENB",
            "source": "admin",
            "status": "purchased",
        },
    ],
    # Voice: female twice in two spellings, male once. Background: a tie, settled by the alphabet.
    "analytics": [
        setting(ANN, voice="Female", background="Rain"),
        setting(BEN, voice="female", background="ocean", induction="Randomize"),
        setting(CID, voice="Male"),
        setting(TESTER, voice="Male", background="Rain", deepening="Stairs"),
    ],
    "cohorts": [
        {"id": cohort, "code": f"I00000{cohort.int}", "cohort_type": "institution"}
        for cohort in (INSTITUTION, PARTNER, EMPTY)
    ],
    "user_cohorts": [
        {"id": UUID(int=61), "user_id": ANN, "cohort_id": INSTITUTION},
        {"id": UUID(int=62), "user_id": BEN, "cohort_id": PARTNER},
        {"id": UUID(int=63), "user_id": TESTER, "cohort_id": PARTNER},
    ],
    "master_manifests": [
        {"id": SHOP, "file_name": "shop.json"},
        {"id": SHOP_VARIANT, "file_name": "shop.json"},
        {"id": ADS, "file_name": "ads.json"},
        {"id": NOBODY, "file_name": "background.json"},
    ],
    "manifest_cohorts": [
        {"id": UUID(int=71), "manifest_id": SHOP_VARIANT, "cohort_id": INSTITUTION},
        {"id": UUID(int=72), "manifest_id": SHOP_VARIANT, "cohort_id": PARTNER},
        {"id": UUID(int=73), "manifest_id": ADS, "cohort_id": PARTNER},
        {"id": UUID(int=74), "manifest_id": NOBODY, "cohort_id": EMPTY},
    ],
    "cached_handshake_responses": [
        {"id": UUID(int=81), "user_id": ANN, "updated_at": AS_OF - timedelta(hours=47)},
        {"id": UUID(int=82), "user_id": BEN, "updated_at": AS_OF - timedelta(days=31)},
        {"id": UUID(int=83), "user_id": TESTER, "updated_at": AS_OF},
    ],
    "app_logs": [
        log(1, ANN, "sync_module", at(11, 1), is_skipped_sync=True),
        log(2, ANN, "Sync_Module", at(11, 1, 23)),
        log(3, None, "sync_module", at(11, 1)),
        log(4, TESTER, "sync_module", at(11, 1), is_skipped_sync=True),
        log(5, BEN, "billing", at(11, 1), is_failed_validation=True),
        log(6, BEN, "error", at(11, 2)),
        # the client's clock is ahead: the server had it on the 3rd
        log(7, BEN, "error", at(12, 24), updated_at=at(11, 3)),
        # and here both clocks are: it has not happened
        log(8, BEN, "error", at(12, 24)),
        log(9, BEN, "error", at(11, 10, 1)),
        log(11, ANN, "user_report", at(11, 1), issue_type="Suggestions"),
        log(12, ANN, "user_reports", at(11, 2), issue_type="Suggestions"),
        log(13, BEN, "user_report", at(11, 3), issue_type="Other"),
        log(14, BEN, "user_report", at(10, 31, 23), issue_type="Other"),
        log(15, TESTER, "user_report", at(11, 3), issue_type="Other"),
    ],
    # p50 of 100 200 300 400: 250; p95: 300 + 0.85 * 100 = 385
    "server_logs": [
        run(1, "info", 100, user_id=ANN),
        run(2, "info", 200),
        run(3, "warn", 300),
        run(4, "Error", 400),
        run(5, "error", None),
        run(6, "error", 9000, user_id=TESTER),
        run(7, "debug", 50, function_name="validate_purchase", created_at=at(11, 10, 3)),
        run(8, "debug", 70, function_name="validate_purchase", created_at=at(12, 24)),
    ],
    # October: 501 delivered after 6 h, 502 after 10 h, 503 submitted only, 504 link over, 505 not
    # active and not submitted. November: one link expired to the second, one still open.
    "custom_course_purchases": [
        bought(501, at(10, 1), is_submitted=True),
        bought(502, at(10, 2), is_submitted=True),
        bought(503, at(10, 3), is_submitted=True),
        bought(504, at(10, 4)),
        bought(505, at(10, 5), status="revoked"),
        bought(506, at(11, 2), updated_at=AS_OF - timedelta(hours=24)),
        bought(507, at(11, 3), updated_at=AS_OF - timedelta(hours=23)),
        bought(508, at(9, 28), is_submitted=True, updated_at=at(11, 8)),
        bought(509, at(11, 9)),
    ],
    "custom_courses": [
        course(501, at(10, 20), 3),
        course(502, at(10, 2, 10), 1),
        *(course(number, at(10, 1), 0) for number in (503, 504, 505, 506, 507, 508)),
        course(509, at(10, 1), 0, user_id=TESTER),
    ],
}
HISTORY = {
    "audio_usage": PLAYS,
    "custom_courses": [
        course(501, at(10, 1), 0, _seen_at=at(10, 1, 1)),
        course(501, at(10, 1, 6), 2, _seen_at=at(10, 2)),
        course(501, at(10, 20), 3, _seen_at=at(10, 21)),
        course(502, at(10, 2, 10), 1, _seen_at=at(10, 21)),
    ],
}


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_at(tmp_path_factory.mktemp("engagement"))
    write_raw(settings, RAW, as_of=AS_OF, history=HISTORY)
    build(settings, *MART_NAMES, tests=True)
    return settings


def rows(marts: Settings, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in read(marts, sql)]


def test_plays_are_the_differences_of_a_counter_that_can_fall(marts: Settings) -> None:
    sql = """
        select user_id, course_code, audio_number, observed_date, plays, is_counter_reset
        from fct_listening where not is_test order by user_id, course_code, observed_date
    """
    assert rows(marts, sql) == [
        (ANN, "C14ENB", "1", date(2026, 10, 1), 5, False),
        (ANN, "C14ENB", "1", date(2026, 10, 3), 4, False),
        (ANN, "C14ENB", "1", date(2026, 10, 7), 2, True),
        (ANN, "C14ENB", "1", date(2026, 10, 9), 0, True),
        (ANN, "C14ENB", "1", date(2026, 10, 13), 4, False),
        (BEN, "C14ENB", "2", date(2026, 10, 1), 1, False),
        (BEN, "C14ENB", "2", date(2026, 10, 9), 2, False),
        (BEN, "P01ENB", "1", date(2026, 10, 1), 6, False),
    ]
    assert rows(marts, "select user_id, plays from fct_listening where is_test") == [(TESTER, 50)]


def test_counters_that_differ_in_blanks_rise_each_by_itself(tmp_path: Path) -> None:
    """5, then 6 of one row; 100, then 101 of the other: 107 plays of one file, and no reset."""
    other = {"id": UUID(int=300), "course_code": "C14ENB "}
    versions = [
        played(ANN, 5, at(10, 1), at(10, 1, 4)),
        played(ANN, 100, at(10, 2), at(10, 2, 4), **other),
        played(ANN, 6, at(10, 3), at(10, 3, 4)),
        played(ANN, 101, at(10, 4), at(10, 4, 4), **other),
    ]
    marts = build_from(
        tmp_path, {}, "fct_listening", as_of=AS_OF, history={"audio_usage": versions}
    )
    sql = "select course_code, sum(plays), bool_or(is_counter_reset) from fct_listening group by 1"
    assert rows(marts, sql) == [("C14ENB", 107, False)]


def test_a_course_shows_who_holds_and_hears_it_and_what_they_prefer(marts: Settings) -> None:
    assert rows(marts, "select * from course_engagement order by course_code") == [
        ("C14ENB", 2, 2, 18, 9.0, "Female", "ocean", "Randomize", None),
        ("E01ENB", 0, 0, 0, None, None, None, None, None),
        ("P01ENB", 0, 1, 6, 6.0, None, None, None, None),
        ("S01ENB", 0, 0, 0, None, None, None, None, None),
    ]


def test_the_funnel_follows_the_purchases_of_a_month_to_delivery(marts: Settings) -> None:
    assert rows(marts, "select * from custom_course_funnel_monthly order by month") == [
        (date(2026, 9, 1), 1, 1, 0, 0, None, False),
        (date(2026, 10, 1), 5, 3, 2, 1, 8.0, True),
        (date(2026, 11, 1), 2, 0, 0, 1, None, False),
    ]


def test_an_order_has_its_state_and_how_long_the_customer_waits(marts: Settings) -> None:
    """508's form was sent again two days ago, so September is not complete; 509 is a tester's."""
    found = read(marts, "select * from fct_custom_courses order by receipt_id")
    assert [
        (row["receipt_id"][-3:], row["is_test"], row["state"], row["waiting_days"]) for row in found
    ] == [
        ("1f5", False, "delivered", 0),
        ("1f6", False, "delivered", 0),
        ("1f7", False, "failed", 38),
        ("1f8", False, "form_expired", 37),
        ("1f9", False, "form_expired", 36),
        ("1fa", False, "form_expired", 8),
        ("1fb", False, "form_open", 7),
        ("1fc", False, "in_production", 43),
        ("1fd", True, "form_expired", 1),
    ]
    assert [row["delivered_at"] for row in found[:3]] == [at(10, 1, 6), at(10, 2, 10), None]
    assert {row["course_code"] for row in found} == {"X99ENB"}


def test_settings_are_counted_in_their_most_frequent_spelling(marts: Settings) -> None:
    assert rows(marts, "select * from fct_course_settings") == [
        ("C14ENB", "background", "Rain", 1),
        ("C14ENB", "background", "ocean", 1),
        ("C14ENB", "induction", "Randomize", 1),
        ("C14ENB", "voice", "Female", 2),
        ("C14ENB", "voice", "Male", 1),
    ]


def test_tracks_are_the_files_that_the_catalogue_names(marts: Settings) -> None:
    assert rows(marts, "select course_code, tracks from dim_courses order by 1") == [
        ("C14ENB", 2),
        ("E01ENB", None),
        ("P01ENB", None),
        ("S01ENB", 3),
    ]


def test_the_calendar_goes_a_year_ahead_and_a_month_waits_for_grace(marts: Settings) -> None:
    """as_of is 10 November: renewals of October may come until the 16th."""
    sql = "select min(date), max(date), count(*) from dim_dates"
    assert rows(marts, sql) == [(date(2026, 9, 28), date(2027, 11, 10), 409)]
    sql = "select max(month) from dim_dates where is_complete_month"
    assert rows(marts, sql) == [(date(2026, 9, 1),)]


def test_every_day_of_a_table_has_its_number_of_new_rows(marts: Settings) -> None:
    sql = """
        select date, rows, last_event_at, is_complete from source_volume_daily
        where source_table = 'app_logs' order by date
    """
    silent = [(date(2026, 11, day), 0, None, True) for day in range(4, 10)]
    assert rows(marts, sql) == [
        (date(2026, 10, 31), 1, at(10, 31, 23), True),
        (date(2026, 11, 1), 6, at(11, 1, 23), True),
        (date(2026, 11, 2), 2, at(11, 2), True),
        (date(2026, 11, 3), 2, at(11, 3), True),
        *silent,
        (date(2026, 11, 10), 1, at(11, 10, 1), False),
    ]
    tables = read(marts, "select distinct source_table from source_volume_daily")
    assert {"server_logs", "custom_course_purchases"} < {row["source_table"] for row in tables}


def test_a_manifest_without_a_cohort_reaches_everyone(marts: Settings) -> None:
    sql = "select manifest_id, cohorts, users_targeted, is_untargeted from content_reach order by 1"
    assert rows(marts, sql) == [
        (SHOP, 0, 3, True),
        (SHOP_VARIANT, 2, 2, False),
        (ADS, 1, 1, False),
        (NOBODY, 1, 0, False),
    ]


def test_every_age_band_is_there_with_its_share_of_the_users(marts: Settings) -> None:
    assert rows(marts, "select age_band, users, share_rate from sync_freshness") == [
        ("0-1 d", 1, pytest.approx(1 / 3)),
        ("2-7 d", 0, 0.0),
        ("8-30 d", 0, 0.0),
        ("31-90 d", 1, pytest.approx(1 / 3)),
        ("over 90 d", 0, 0.0),
        ("never", 1, pytest.approx(1 / 3)),
    ]


def test_client_logs_count_by_day_and_kind_and_none_after_as_of(marts: Settings) -> None:
    assert rows(marts, "select * from app_health_daily where log_type not like 'user_r%'") == [
        (date(2026, 11, 1), "billing", 1, 1, 0, 0, 1, True),
        (date(2026, 11, 1), "sync_module", 3, 1, 0, 1, 0, True),
        (date(2026, 11, 2), "error", 1, 1, 1, 0, 0, True),
        (date(2026, 11, 3), "error", 1, 1, 1, 0, 0, True),
        (date(2026, 11, 10), "error", 1, 1, 1, 0, 0, False),
    ]


def test_feedback_takes_both_spellings_of_the_report_type(marts: Settings) -> None:
    assert rows(marts, "select * from feedback_monthly") == [
        (date(2026, 10, 1), "Other", 1, 1, True),
        (date(2026, 11, 1), "Other", 1, 1, False),
        (date(2026, 11, 1), "Suggestions", 2, 1, False),
    ]


def test_function_health_has_error_rate_and_percentiles(marts: Settings) -> None:
    assert rows(marts, "select * from function_health_daily") == [
        (date(2026, 11, 1), "handshake", 5, 2, 0.4, 250.0, pytest.approx(385.0), True),
        (date(2026, 11, 10), "validate_purchase", 1, 0, 0.0, 50.0, 50.0, False),
    ]


def test_a_band_holds_whole_days(tmp_path: Path) -> None:
    """Ages a second short of a band's first day, and just at it; one is ahead of as_of."""
    ages = [
        timedelta(days=days, seconds=seconds)
        for days, seconds in (
            (-5, 0), (0, 0), (2, -1),
            (2, 0), (8, -1),
            (8, 0), (31, -1),
            (91, -1),
            (91, 0), (5000, 0),
        )
    ]  # fmt: skip
    users = [UUID(int=number) for number in range(1, len(ages) + 1)]
    answers = [
        {"id": user, "user_id": user, "updated_at": AS_OF - age}
        for user, age in zip(users, ages, strict=True)
    ]
    # an older answer of the same user does not count
    answers.append({"id": UUID(int=99), "user_id": users[1], "updated_at": at(1, 1)})
    raw = {
        "user_profile": [{"user_id": user} for user in users],
        "cached_handshake_responses": answers,
    }
    settings = settings_at(tmp_path)
    write_raw(settings, raw, as_of=AS_OF)
    build(settings, "sync_freshness")
    assert rows(settings, "select age_band, users from sync_freshness") == [
        ("0-1 d", 3),
        ("2-7 d", 2),
        ("8-30 d", 2),
        ("31-90 d", 1),
        ("over 90 d", 2),
        ("never", 0),
    ]
