"""A small coherent business as raw rows, for the checks: nothing in it is at fault.

`Rows` numbers what it adds, so that a test can name a row by its table and number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import md5
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from checks.result import CheckResult
from checks.run import run_checks
from models.tables import TABLES, TABLES_BY_NAME
from pipelines.base.settings import Settings
from pipelines.transform.check_models import check_models
from tests.warehouse import parsed_project

AS_OF = datetime(2026, 11, 1, 12)
STARTED = datetime(2026, 9, 1, 8)
HEX = "0123456789abcdef0123456789abcdef"


def user_id(number: int) -> UUID:
    """The user of that number."""
    return UUID(int=number)


def milliseconds(moment: datetime) -> str:
    """Epoch milliseconds in text, as the app writes the time of a sale."""
    return str(int((moment - datetime(1970, 1, 1)).total_seconds() * 1000))


class Rows:
    """Rows by table. `history` holds versions that are no more, beside the present ones."""

    def __init__(self) -> None:
        self.raw: dict[str, list[dict[str, Any]]] = {table.name: [] for table in TABLES}
        self.past: dict[str, list[dict[str, Any]]] = {}
        self.number = 1000

    def add(self, table: str, **values: Any) -> UUID:
        """Add a row with an id and times of its own; returns its key."""
        self.number += 1
        row: dict[str, Any] = {}
        names = {column.name for column in TABLES_BY_NAME[table].columns}
        if "id" in names:
            row["id"] = UUID(int=self.number)
        row["created_at"] = STARTED
        if "updated_at" in names:
            row["updated_at"] = values.get("created_at", STARTED)
        row |= values
        self.raw[table].append(row)
        return UUID(str(row["id"] if "id" in row else row["user_id"]))

    def change(self, table: str, key: UUID, **values: Any) -> None:
        """Change the row of that key."""
        for row in self.raw[table]:
            if key in (row.get("id"), row.get("user_id")):
                row.update(values)

    def seen_before(self, table: str, key: UUID, **values: Any) -> None:
        """Add an earlier version of a row, seen a week ago."""
        row = next(r for r in self.raw[table] if key in (r.get("id"), r.get("user_id")))
        earlier = {**row, **values, "_seen_at": AS_OF - timedelta(days=7)}
        self.past.setdefault(table, []).append(earlier)

    def history(self) -> dict[str, list[dict[str, Any]]]:
        """Every version: those of the past, then the present."""
        return {table: [*past, *self.raw[table]] for table, past in self.past.items()}

    def user(self, number: int, *, plan: str = "free", **profile: Any) -> UUID:
        """A user with profile, billing state and balance."""
        user = user_id(number)
        code = f"U{number:06d}"
        self.add("user_profile", user_id=user, role="user", referral_code=code, **profile)
        self.add(
            "subscriptions",
            user_id=user,
            plan=plan,
            auto_renew=plan == "premium",
            transaction_date="2026-09-10T08:00:00Z" if plan == "premium" else None,
        )
        self.add(
            "ai_usage",
            user_id=user,
            weekly_limit_credits=10_000 if plan == "premium" else 0,
            weekly_used_credits=0,
            weekly_reset_date=datetime(2026, 11, 3),
            bank_limit_credits=0,
            bank_used_credits=0,
        )
        return user

    def pack(self, user: UUID, name: str, **values: Any) -> UUID:
        """A pack of 4,000 credits at 2.95, in the bank of its buyer."""
        at = values.pop("at", datetime(2026, 10, 1, 9))
        if values.get("status", "purchased") == "purchased" and "bank" not in values:
            for row in self.raw["ai_usage"]:
                if row["user_id"] == user:
                    row["bank_limit_credits"] += 4000
                    row["updated_at"] = max(row["updated_at"], at)
        values.pop("bank", None)
        defaults = {
            "user_id": user,
            "product_id": "ai_credits_4000",
            "purchase_id": f"GPA.{name}",
            "purchase_token_hash": f"hash-{name}",
            "source": "google_play",
            "credits_amount": 4000,
            "status": "purchased",
            "transaction_date": milliseconds(at),
            "created_at": at,
        }
        return self.add("ai_credit_purchases", **{**defaults, **values})

    def event(self, user: UUID, kind: str, at: datetime, **values: Any) -> UUID:
        """A subscription event of the monthly plan, its period one month long."""
        defaults = {
            "user_id": user,
            "event_type": kind,
            "product_id": "hypnoelp_subscriptions",
            "base_plan_id": "monthly-plan",
            "source": "google_play",
            "purchase_id": f"GPA.S-{user.int}-{kind}-{at:%m%d%H%M}",
            "expires_at": (at.replace(day=1) + timedelta(days=32)).replace(day=at.day),
            "created_at": at,
        }
        return self.add("subscription_events", **{**defaults, **values})

    def custom_audio(
        self, user: UUID, name: str, *, is_delivered: bool = True, **values: Any
    ) -> UUID:
        """A custom course at 8.95; returns the purchase."""
        course = self.add(
            "custom_courses",
            user_id=user,
            course_code="X99ENB",
            checksum=HEX,
            file_size_bytes=10,
            is_delivered=is_delivered,
            audio_files=int(is_delivered),
        )
        defaults = {
            "course_id": course,
            "purchase_id": f"GPA.{name}",
            "purchase_token_hash": f"hash-{name}",
            "link_token_hash": f"link-{name}",
            "source": "google_play",
            "status": "active",
            "is_submitted": True,
        }
        return self.add("custom_course_purchases", **{**defaults, **values})


def clean_business() -> Rows:
    """All 21 tables: a premium user who brought another, packs, a custom course, a discount."""
    rows = Rows()
    first = rows.user(1, plan="premium", country="Austria")
    second = rows.user(2, plan="premium", referred_by_code="U000001")
    rows.user(3)
    for user in (first, second):
        rows.event(user, "created", datetime(2026, 9, 10, 8))
        rows.event(user, "renewed", datetime(2026, 10, 10, 8))
    rows.add(
        "referral_credits",
        user_id=first,
        referred_user_id=second,
        amount=Decimal("1.00"),
        source="user_referral",
        created_at=datetime(2026, 9, 10, 8),
    )
    rows.pack(first, "1")
    rows.pack(
        second, "2", status="PurchaseStatus.purchased", amount_paid=Decimal("2.95"), currency="USD"
    )
    rows.change("ai_usage", second, bank_limit_credits=4000, bank_used_credits=1200,
                updated_at=datetime(2026, 10, 20))  # fmt: skip
    rows.custom_audio(first, "custom")
    rows.add("courses", course_code="H01ENB", title="Moderation", currency="USD", audio="[]")
    rows.add("course_purchases", user_id=first, course_code="H01ENB", source="premium_slot",
             status="purchased")  # fmt: skip
    cohort = rows.add("cohorts", code="IABCDEF", cohort_type="institution")
    rows.add("user_cohorts", user_id=first, cohort_id=cohort)
    code = rows.add("discount_codes", code="AID50", product_type="ai_credits", cohort_id=cohort,
                    lifespan_days=7)  # fmt: skip
    rows.add("user_discounts", user_id=first, discount_code_id=code, assigned_at=STARTED,
             expires_at=STARTED + timedelta(days=7))  # fmt: skip
    content = '{"ads": []}'
    digest = md5(content.encode(), usedforsecurity=False).hexdigest()
    manifest = rows.add("master_manifests", file_name="ads.json", content=content, checksum=digest)
    rows.add("manifest_cohorts", manifest_id=manifest, cohort_id=cohort)
    rows.add("analytics", user_id=first, course_code="H01ENB", voice="Female")
    rows.add("audio_usage", user_id=first, course_code="H01ENB", audio_number="1", no_of_plays=3)
    rows.add("cached_handshake_responses", user_id=first, checksum=HEX)
    rows.add("app_logs", user_id=first, log_type="user_reports", issue_type="Other",
             is_skipped_sync=False, is_failed_validation=False, origin="app")  # fmt: skip
    rows.add("server_logs", function_name="handshake", level="info", duration_ms=20)
    return rows


def write_source_totals(settings: Settings, *, run_id: str = "run-1") -> None:
    """What the source would have counted: rows of raw.* and the sum of each amount."""
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute(
            "create or replace table meta.source_totals "
            "(run_id varchar, table_name varchar, measure varchar, value decimal(38, 9))"
        )
        measures = {"ai_credit_purchases": ("credits_amount", "amount_paid")}
        for table in TABLES:
            sums = [
                (f"sum_{name}", f"coalesce(sum({name}), 0)")
                for name in measures.get(table.name, ())
            ]
            for measure, expression in [("rows", "count(*)"), *sums]:
                con.execute(
                    f"insert into meta.source_totals select ?, ?, ?, {expression} "
                    f"from raw.{table.name}",
                    [run_id, table.name, measure],
                )


def keyed(findings: list[Mapping[str, Any]]) -> dict[tuple[str, str, UUID], Mapping[str, Any]]:
    """Findings by (check_name, source_table, source_id)."""
    return {(f["check_name"], f["source_table"], f["source_id"]): f for f in findings}


def check(warehouse: Path, **given: Any) -> list[CheckResult]:
    """Run the checks of the project on a working file; by default as run-1, at AS_OF."""
    told = {"run_id": "run-1", "checked_at": AS_OF, **given}
    return run_checks(warehouse, models=check_models(parsed_project()), **told)
