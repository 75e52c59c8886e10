"""How the app uses each operational table: who writes and reads it, when rows change, what it
cannot tell. The public documentation of the app says what is marked `sourced`; the rest is inferred
from it, from neighboring tables or from common practice, and a live database may differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Evidence = Literal["sourced", "inferred"]


class Area(StrEnum):
    """What tables are about, in the order in which the overview shows them."""

    PEOPLE = "Accounts and groups"
    SUBSCRIPTIONS = "Subscriptions"
    CREDITS = "AI credits"
    COURSES = "Courses and custom audio"
    DISCOUNTS = "Discounts and referrals"
    CONTENT = "Content and sync"
    LOGS = "Logs"


@dataclass(frozen=True)
class Fact:
    """One sentence about a table and what it rests on."""

    text: str
    evidence: Evidence


@dataclass(frozen=True)
class Usage:
    """The usage context of one table. `sourced_columns`: those that the documentation names."""

    area: Area
    written_by: tuple[Fact, ...]
    read_by: tuple[Fact, ...]
    changes: tuple[Fact, ...]
    cannot_tell: tuple[Fact, ...]
    sourced_columns: frozenset[str] = frozenset()


def sourced(text: str) -> tuple[Fact, ...]:
    """One sentence of the public documentation."""
    return (Fact(text, "sourced"),)


def inferred(text: str) -> tuple[Fact, ...]:
    """One sentence that is deduced."""
    return (Fact(text, "inferred"),)


# Links that the app keeps by code and no foreign key enforces: table, column, table, column.
CONVENTIONS = (
    ("analytics", "course_code", "courses", "course_code"),
    ("audio_usage", "course_code", "courses", "course_code"),
    ("custom_courses", "course_code", "courses", "course_code"),
    ("user_profile", "referred_by_code", "user_profile", "referral_code"),
    ("user_profile", "referred_by_code", "discount_codes", "code"),
    ("user_profile", "referred_by_code", "cohorts", "code"),
)

HANDSHAKE = "The edge function handshake, at each sync"
