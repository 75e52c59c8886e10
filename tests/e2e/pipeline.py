"""The whole way in a test: rows into PostgreSQL, a run, rows out of the published file."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from psycopg import sql

from pipelines.base.settings import Settings
from pipelines.run import steps
from pipelines.transform.build import refuse_unbuilt
from tests.clock import set_clock
from tests.warehouse import settings_at


def quiet(_: str) -> None:
    """Progress that nobody reads."""


def at(text: str) -> datetime:
    """An instant from `2026-01-15` or `2026-01-15 08:30`, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Business:
    """Operational rows, written one at a time as the app would.

    The extraction reads noon of tomorrow from the source's clock, which goes on from there: no
    day ends between the runs of a test, and what is stamped now has happened.
    """

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        found = self.connection.execute("select to_regnamespace('clock')").fetchone()
        if found == (None,):
            now = datetime.now(UTC)
            noon = now.replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
            set_clock(url, ahead=f"{(noon - now).total_seconds()} seconds")

    def add(self, table: str, **values: Any) -> None:
        """Insert a row; what is not named takes its default."""
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(*table.split(".")),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() for _ in values),
        )
        self.connection.execute(statement, list(values.values()))

    def execute(self, statement: str, *values: Any) -> None:
        """Run any statement, such as an update in place."""
        self.connection.execute(statement.encode(), values or None)

    def user(self, signed_up: str, **profile: Any) -> uuid.UUID:
        """An account with its profile; returns its user_id."""
        user_id = uuid.uuid4()
        email = f"{user_id}@example.org"
        self.add("auth.users", id=user_id, email=email, created_at=at(signed_up))
        self.add("user_profile", user_id=user_id, email=email, created_at=at(signed_up), **profile)
        return user_id

    def event(self, user_id: uuid.UUID, event_type: str, when: str, **values: Any) -> uuid.UUID:
        """A subscription event; a monthly plan bought on Google where nothing else is said."""
        event_id = uuid.uuid4()
        product = {"product_id": "hypnoelp_subscriptions", "base_plan_id": "monthly-plan"}
        store = {"source": "google_play", "purchase_id": f"GPA.{uuid.uuid4().hex[:16]}"}
        row: Mapping[str, Any] = product | store | values
        self.add(
            "subscription_events",
            id=event_id,
            user_id=user_id,
            event_type=event_type,
            created_at=at(when),
            **row,
        )
        return event_id

    def pack(self, user_id: uuid.UUID, when: str, credits: int, **values: Any) -> uuid.UUID:
        """A bought pack of AI credits."""
        receipt_id = uuid.uuid4()
        row: Mapping[str, Any] = {
            "product_id": f"ai_credits_{credits}",
            "purchase_id": f"GPA.{uuid.uuid4().hex[:16]}",
            "purchase_token": uuid.uuid4().hex,
            "source": "google_play",
            "status": "purchased",
            "transaction_date": str(int(at(when).timestamp() * 1000)),
            "updated_at": at(when),
        }
        self.add(
            "ai_credit_purchases",
            id=receipt_id,
            user_id=user_id,
            credits_amount=credits,
            created_at=at(when),
            **(row | values),
        )
        return receipt_id


class Pipeline:
    """One home and one source; each `run` goes the whole way but the reports."""

    def __init__(self, folder: Path, source_url: str, **changes: Any) -> None:
        self.settings: Settings = settings_at(folder, source_url=source_url, **changes)

    def run(self) -> str:
        """Extract, build, check, publish; returns the run id. Raises what a run would."""
        run_id = str(uuid.uuid4())
        steps.extract_step(self.settings, run_id, full_refresh=False, progress=quiet)
        refuse_unbuilt(steps.build_step(self.settings, run_id, progress=quiet))
        results = steps.check_step(self.settings, run_id, progress=quiet)
        steps.refuse_errors(results)
        steps.publish_step(self.settings, run_id)
        return run_id

    def read(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Rows of the published file as dictionaries."""
        with duckdb.connect(str(self.settings.published), read_only=True) as con:
            cursor = con.execute(query, values or None)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def value(self, query: str, *values: Any) -> Any:
        """The one value of a query."""
        rows = self.read(query, *values)
        assert len(rows) == 1, rows
        return next(iter(rows[0].values()))
