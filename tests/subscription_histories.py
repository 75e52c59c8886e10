"""Random subscription histories, nasty ones included, and their rows in the operational tables."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import duckdb
import polars as pl

from pipelines.base.settings import Settings
from tests.subscription_oracle import Event, add_months, base_of, is_same_end

PLANS = ["monthly-plan"] * 6 + ["quarterly-plan", "yearly-plan", "yearly-plan", "weekly-plan", None]
OFFERS = [None] * 8 + ["a-1", "free-trial", "unheard-of"]
KINDS = ["created", "renewed", "renewed", "renewed", "renewed", "canceled", "expired"]
FIRST_DAYS = ["2025-01-31", "2024-11-30", "2024-02-29", "2025-05-15", "2025-12-31", "2025-03-01"]
# Waits until the next event: the plan's end to the instant, the edges of grace and of the window.
WAITS = [
    timedelta(0),
    timedelta(minutes=20),
    timedelta(minutes=60),
    timedelta(hours=9),
    timedelta(days=3),
    timedelta(days=16),
    timedelta(days=16, seconds=1),
    timedelta(days=45),
    timedelta(days=400),
]


TIMES = ("at", "expires")
STEP = timedelta(minutes=3)


def events_told(
    users: Mapping[int, Iterable[Sequence[str | None]]],
    columns: Sequence[str],
    *,
    order: str = "GPA.{user}..{number}",
) -> list[Event]:
    """The events of users, each told by words in the order of `columns`; times are ISO's."""
    events = []
    for user, rows in users.items():
        for number, row in enumerate(rows):
            told: dict[str, Any] = dict(zip(columns, row, strict=True))
            at, expires = (told[name] and datetime.fromisoformat(told[name]) for name in TIMES)
            place = {"user": user, "number": number}
            events.append(
                Event(
                    **told | {"at": at, "expires": expires},
                    id=100 * user + number,
                    user=user,
                    order=order.format(**place, **told),
                )
            )
    return events


def random_history(random_: random.Random, user: int, first_id: int) -> list[Event]:
    """1 to 12 events of one user, in any order, with ends present, absent, absurd and exact."""
    at = datetime.fromisoformat(random_.choice(FIRST_DAYS)) + timedelta(
        days=random_.choice([0, 0, 1, 9]), hours=random_.choice([0, 0, 13])
    )
    plan, store, end = random_.choice(PLANS), "google_play", at
    events: list[Event] = []
    for number in range(random_.randint(1, 12)):
        kind = "created" if number == 0 and random_.random() < 0.9 else random_.choice(KINDS)
        if random_.random() < 0.12:
            plan = random_.choice(PLANS)
        store = "app_store" if plan == "monthly-plan" and random_.random() < 0.2 else "google_play"
        opens = kind in ("created", "renewed")
        if opens:
            since = max(at, end) if kind == "renewed" else at
            if kind == "renewed" and random_.random() < 0.2:
                since = end  # told late, it names what follows the last end
            end = add_months(since, random_.choice([1, 1, 3, 12]))
        expires = end if random_.random() < 0.6 else None
        if random_.random() < 0.06:
            expires = at + timedelta(days=random_.choice([-40, -1, 0, 5]))
        events.append(
            Event(
                id=first_id + number,
                user=user,
                kind=kind,
                at=at,
                plan=plan if opens or random_.random() < 0.7 else None,
                store=store,
                offer=random_.choice(OFFERS) if opens else None,
                expires=expires,
                order=order_number(random_, user, number),
            )
        )
        at = end if random_.random() < 0.4 and end >= at else at + random_.choice(WAITS)
    turns = random.Random(first_id)
    for place in range(1, len(events)):
        one, other = events[place - 1], events[place]
        if one.kind == other.kind == "renewed" and turns.random() < 0.15:  # told in the wrong turn
            events[place - 1] = replace(one, expires=other.expires)
            events[place] = replace(other, expires=one.expires)
    events = [*told_oddly(events, random.Random(-first_id)), *words_more(events, first_id)]
    random_.shuffle(events)
    return events


def told_oddly(events: list[Event], odds: random.Random) -> list[Event]:
    """One created event in eight is told after the end that it names, some before what follows."""
    return [
        replace(event, at=event.expires + odds.choice([-STEP, STEP * 0, STEP, 9000 * STEP]))
        if event.kind == "created" and event.expires and odds.random() < 0.12
        else event
        for event in events
    ]


def words_more(events: list[Event], first_id: int) -> list[Event]:
    """Renewals that repeat an end under another number, and ends told as a purchase is replaced."""
    odds, more = random.Random(first_id + 1), []
    for place, event in enumerate(events):
        opens = event.kind in ("created", "renewed")
        again = replace(
            event, id=first_id + 20 + place, at=event.at + odds.choice([STEP, 900 * STEP])
        )
        if event.kind == "renewed" and event.expires and odds.random() < 0.1:
            more.append(replace(again, order=f"{event.order}..{place}"))
        elif opens and event.expires and odds.random() < 0.1:  # restored on another device
            order = events[0].order if event.store == "app_store" else base_of(event) or ""
            more.append(replace(again, kind="created", order=order))
        elif opens and place and odds.random() < 0.15:
            plan, end = events[place - 1].plan, event.at + odds.choice([STEP * 0, -STEP])
            more.append(replace(again, kind="expired", plan=plan, expires=end, order=""))
    return more


def order_number(random_: random.Random, user: int, number: int) -> str:
    """A number of its own, one that was used before, or a renewal of an earlier purchase's base."""
    base = f"GPA.{user}.{random_.choice([number, number, 0, random_.randint(0, number)])}"
    return base if random_.random() < 0.6 else f"{base}..{number}"


def tells_the_same(one: Event, other: Event) -> bool:
    """Two openings of one user with order numbers: the same number, the same period named."""
    if (one.store, one.order) != (other.store, other.order):
        return False
    if one.expires is None or other.expires is None:
        return one.expires is other.expires
    return is_same_end(one.expires, other.expires)


def without_repeats(events: Iterable[Event]) -> list[Event]:
    """What counts of one user's events: of openings that tell the same, the first alone."""
    kept = [event for event in events if event.kind not in ("created", "renewed")]
    openings = [event for event in events if event.kind in ("created", "renewed")]
    waiting = sorted(
        ((event, restored_of(event, openings)) for event in openings),
        key=lambda pair: (pair[0].at, pair[0].id),
    )
    while waiting:
        group = [waiting.pop(0)]
        kept.append(group[0][0])
        while more := [
            pair for pair in waiting if any(tells_the_same(pair[1], one) for _, one in group)
        ]:
            group += more
            waiting = [pair for pair in waiting if pair not in more]
    return kept


def restored_of(event: Event, openings: list[Event]) -> Event:
    """The event under the number of the one that it restores: a created event that names the end
    of a period told before, with its order's base, or with no number or one used before."""
    if event.kind != "created" or event.expires is None:
        return event
    is_known = not event.order or any(
        one.store == event.store and one.order.lower() == event.order.lower() and one.at < event.at
        for one in openings
    )
    firsts = [
        one
        for one in openings
        if one.store == event.store
        and one.expires is not None
        and is_same_end(one.expires, event.expires)
        and one.plan == event.plan
        and one.at < event.at
        and (
            (base_of(event) is not None and base_of(one) == base_of(event))
            or (is_known and one.at < event.at - timedelta(minutes=60))
        )
    ]
    if not firsts:
        return event
    return replace(event, order=min(firsts, key=lambda one: (one.at, one.id)).order)


def write_events(settings: Settings, events: Sequence[Event]) -> None:
    """Add events to raw.subscription_events of a working file that stands."""
    rows = pl.DataFrame(
        {
            "id": [str(UUID(int=event.id)) for event in events],
            "user_id": [str(UUID(int=event.user)) for event in events],
            "event_type": [event.kind for event in events],
            "product_id": [
                "me.hypnoelp.app.subscription_1month"
                if event.store == "app_store" and event.plan is not None
                else "hypnoelp_subscriptions"
                for event in events
            ],
            "base_plan_id": [
                None if event.store == "app_store" else event.plan for event in events
            ],
            "offer_id": [event.offer for event in events],
            "source": [event.store for event in events],
            "purchase_id": [event.order for event in events],
            "expires_at": [event.expires for event in events],
            "created_at": [event.at for event in events],
        },
        schema_overrides={"expires_at": pl.Datetime("us"), "offer_id": pl.String},
    )
    with duckdb.connect(str(settings.warehouse)) as con:
        con.register("events", rows.to_arrow())
        con.execute("insert into raw.subscription_events by name select * from events")
