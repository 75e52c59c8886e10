"""Random histories of users whose rows come, go, change and pass among them, as they are seen."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.referral_rows import cohort, profile, uid

Row = dict[str, Any]
SIGNED_UP = datetime(2026, 1, 11)
EXTRACTIONS = [datetime(2026, 10, 29, 6, 30) + timedelta(days=day) for day in range(5)]
COHORTS = {uid(60 + place): f"IABCDE{letter}" for place, letter in enumerate("FGH")}
PLANS = ("free", "premium")
Known = dict[UUID, tuple[str, str]]  # of each user that stands: cohort and access


@dataclass
class Source:
    """The rows of two tables and of profiles by key, all versions that extractions saw, and what
    each extraction found."""

    rng: random.Random
    rows: dict[str, dict[UUID, Row]] = field(
        default_factory=lambda: {"user_profile": {}, "user_cohorts": {}, "subscriptions": {}}
    )
    versions: dict[str, list[Row]] = field(default_factory=dict)
    found: list[Known] = field(default_factory=list)
    made: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000, 2_000_000)))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def live(self, now: datetime, groups: list[list[UUID]]) -> None:
        """A day: who signs up, whose rows change or pass to others, who closes the account."""
        for group in groups:
            for user in group:
                if user not in self.rows["user_profile"] and self.chance(0.5):
                    self.rows["user_profile"][user] = profile(user.int, SIGNED_UP)
            standing = [user for user in group if user in self.rows["user_profile"]]
            for table in ("user_cohorts", "subscriptions"):
                self.change(table, standing, now=now)
                if self.chance(0.5):
                    self.pass_on(table, standing, now=now)
            for user in [user for user in standing if self.chance(0.15)]:
                group.remove(user)
                del self.rows["user_profile"][user]
                for rows in (self.rows["user_cohorts"], self.rows["subscriptions"]):
                    for key in self.keys(rows, [user]):
                        del rows[key]

    def keys(self, rows: dict[UUID, Row], users: list[UUID]) -> list[UUID]:
        return [key for key, row in rows.items() if row["user_id"] in users]

    def change(self, table: str, users: list[UUID], *, now: datetime) -> None:
        rows = self.rows[table]
        for user in users:
            (key, *_) = [*self.keys(rows, [user]), None]
            if key and self.chance(0.1):
                del rows[key]
            elif self.chance(0.4):
                key = key or uid(next(self.made))
                said = {"cohort_id": self.rng.choice(list(COHORTS))}
                if table == "subscriptions":
                    said = {"plan": self.rng.choice(PLANS), "auto_renew": True}
                rows[key] = {"id": key, "user_id": user, "created_at": SIGNED_UP, **said}
                rows[key]["updated_at"] = now - timedelta(hours=self.rng.randrange(1, 20))

    def pass_on(self, table: str, users: list[UUID], *, now: datetime) -> None:
        """Each row of these users to any of them, by an app that stamps the change, or does not."""
        rows = self.rows[table]
        for key, user in zip(
            self.keys(rows, users), self.rng.sample(users, len(users)), strict=False
        ):
            stamp = now - timedelta(hours=1) if self.chance(0.5) else rows[key]["updated_at"]
            rows[key] = rows[key] | {"user_id": user, "updated_at": stamp}

    def extract(self, now: datetime, before: dict[str, dict[UUID, Row]]) -> None:
        """Keep what changed since, as an extraction does."""
        for table, rows in self.rows.items():
            kept = self.versions.setdefault(table, [])
            for key, row in rows.items():
                if row != before[table].get(key):
                    op = "update" if key in before[table] else "insert"
                    kept.append(row | {"_op": op, "_seen_at": now})
            gone = [row for key, row in before[table].items() if key not in rows]
            kept += [row | {"_op": "delete", "_seen_at": now} for row in gone]
        cohorts = {
            r["user_id"]: COHORTS[r["cohort_id"]] for r in self.rows["user_cohorts"].values()
        }
        plans = {row["user_id"]: row["plan"] for row in self.rows["subscriptions"].values()}
        self.found.append(
            {
                u: (cohorts.get(u, "unknown"), plans.get(u, "free"))
                for u in self.rows["user_profile"]
            }
        )


def passing_rows(seed: int, *, groups: int) -> Source:
    """Groups of three users each, through five extractions."""
    source = Source(random.Random(seed))
    users = [[uid(1000 + 10 * group + place) for place in range(3)] for group in range(groups)]
    for now in EXTRACTIONS:
        before = {table: dict(rows) for table, rows in source.rows.items()}
        source.live(now, users)
        source.extract(now, before)
    return source


def raw_rows(source: Source) -> dict[str, list[Row]]:
    """What stands at the end."""
    cohorts = [cohort(key.int, code, SIGNED_UP) for key, code in COHORTS.items()]
    return {table: list(rows.values()) for table, rows in source.rows.items()} | {
        "cohorts": cohorts
    }
