"""Rows of subscriptions and subscription_events, as the store's notices would leave them."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.engine.calendar import instants, iso_texts, optional_instants
from models.simulation.engine.columns import chosen, constant, listed
from models.simulation.engine.draws import Bools, Draws, Ints, Keys
from models.simulation.kinds import Event, Offer, Store, texts
from models.simulation.parameters import NEVER
from models.simulation.prices import OFFERS, PLANS, SUBSCRIPTION
from models.simulation.stores import order_numbers, store_products
from models.simulation.subjects.people.behaviour import People
from models.simulation.subjects.people.rows import user_ids


def period_orders(draws: Draws, people: People, *, periods: pl.DataFrame) -> pl.Series:
    """The order number of each period; renewals on Google repeat their chain's with ..n."""
    store = people.store[periods["who"].to_numpy()]
    chain, period = periods["chain_key"].to_numpy(), periods["period_key"].to_numpy()
    base = order_numbers(draws, store, google_keys=chain, apple_keys=period)
    renewals = periods["renewals"].to_numpy()
    later = pl.select(pl.format("{}..{}", base, pl.Series(renewals - 1)).alias("order"))["order"]
    return chosen((store == Store.GOOGLE_PLAY) & (renewals > 0), yes=later, no=base)


def subscription_ids(draws: Draws, people: People) -> pl.Series:
    """The id of each person's subscriptions row."""
    return draws.uuids("subscription", people.key)


def subscription_products(draws: Draws, store: Ints, *, keys: Keys) -> pl.Series:
    """The product text of a subscription by store."""
    size = len(store)
    google, apple = constant(SUBSCRIPTION, size), constant("subscription_1month", size)
    return store_products(draws, store, keys=keys, google=google, apple=apple)


def event_rows(
    draws: Draws, people: People, *, periods: pl.DataFrame, kind: Ints, at: Ints, name: str
) -> pl.DataFrame:
    """Events of one name, one per given period, at the given seconds."""
    who = periods["who"].to_numpy()
    keys = periods["period_key"].to_numpy()
    store = people.store[who]
    plan = listed(PLANS, np.where(store == Store.APP_STORE, -1, periods["plan"].to_numpy()))
    opens = kind <= Event.RENEWED
    offer = listed(OFFERS, np.where(opens, periods["offer"].to_numpy(), Offer.NONE))
    end = periods["end"].to_numpy()
    return pl.DataFrame(
        {
            "id": draws.uuids(f"event {name}", keys),
            "user_id": user_ids(draws, people.key[who]),
            "subscription_id": subscription_ids(draws, people).gather(pl.Series(who)),
            "event_type": listed(texts(Event), kind),
            "product_id": subscription_products(draws, store, keys=keys),
            "base_plan_id": plan,
            "offer_id": offer,
            "source": listed(texts(Store), store),
            "purchase_id": period_orders(draws, people, periods=periods),
            "expires_at": instants(end),
            "details": constant('{"notification": "' + name + '"}', len(who)),
            "created_at": instants(at),
        }
    )


def subscription_events(
    draws: Draws, people: People, *, periods: pl.DataFrame, until: int
) -> pl.DataFrame:
    """subscription_events written before `until`."""
    frames = []
    kinds = np.where(periods["renewals"].to_numpy() > 0, Event.RENEWED, Event.CREATED)
    created = periods["created"].to_numpy()
    frames.append(event_rows(draws, people, periods=periods, kind=kinds, at=created, name="opened"))
    for kind, column in ((Event.CANCELED, "cancel_at"), (Event.EXPIRED, "expired_at")):
        past = periods.filter(pl.col(column) < until)
        at = past[column].to_numpy()
        numbers = np.full(len(past), kind)
        frames.append(
            event_rows(draws, people, periods=past, kind=numbers, at=at, name=kind.name.lower())
        )
    return pl.concat(frames)


def last_periods(periods: pl.DataFrame, size: int) -> tuple[Bools, pl.DataFrame]:
    """(who has any, the newest period of each person or an arbitrary one)."""
    place = np.full(size, -1, dtype=np.int64)
    place[periods["who"].to_numpy()] = np.arange(len(periods))
    has = place >= 0
    if not has.any():
        return has, periods
    return has, periods[np.maximum(place, 0)]


def subscriptions(
    draws: Draws, people: People, *, periods: pl.DataFrame, access: Bools, until: int
) -> pl.DataFrame:
    """subscriptions as they stand at `until`: one row per person, `access` tells who is premium."""
    size = len(people)
    has, last = last_periods(periods, size)
    if not len(last):
        last = empty_periods(size)
    canceled = last["cancel_at"].to_numpy() < until
    token_keys = draws.child_keys("token", last["chain_key"].to_numpy())
    touched = newest(last, ("created", "cancel_at", "expired_at"), until=until)
    touched = np.where(has, touched, people.signup + 10)
    store = people.store
    base = listed(PLANS, np.where(has & (store == Store.GOOGLE_PLAY), last["plan"].to_numpy(), -1))
    only = {
        "purchase_token": draws.hexes("token text", token_keys),
        "purchase_id": period_orders(draws, people, periods=last.with_columns(who=np.arange(size))),
        "product_id": subscription_products(draws, store, keys=last["period_key"].to_numpy()),
        "base_plan_id": base,
        "offer_id": listed(OFFERS, last["offer"].to_numpy()),
        "plan_title": constant("Premium", size),
        "plan_description": constant("Two courses, 10,000 AI credits a week", size),
        "source": listed(texts(Store), store),
        "transaction_date": iso_texts(last["created"].to_numpy()),
    }
    none = constant(None, size)
    return pl.DataFrame(
        {
            "id": subscription_ids(draws, people),
            "user_id": user_ids(draws, people.key),
            "plan": listed(("free", "premium"), access.astype(np.int64)),
            "expires_at": optional_instants(last["end"].to_numpy(), has),
            # True until canceled: the app leaves it as it is when a period ends in silence.
            "auto_renew": has & ~canceled,
            **{name: chosen(has, yes=values, no=none) for name, values in only.items()},
            "created_at": instants(people.signup + 10),
            "updated_at": instants(touched),
        }
    )


def newest(periods: pl.DataFrame, columns: tuple[str, ...], *, until: int) -> Ints:
    """The latest of the named seconds that has passed."""
    latest = np.zeros(len(periods), dtype=np.int64)
    for column in columns:
        at = periods[column].to_numpy()
        latest = np.maximum(latest, np.where(at < until, at, 0))
    return latest


def empty_periods(size: int) -> pl.DataFrame:
    """Periods of nobody, to stand in where a batch has none."""
    zeros = np.zeros(size, dtype=np.int64)
    numbers = dict.fromkeys(("plan", "offer", "renewals", "created", "end"), zeros)
    never = dict.fromkeys(("cancel_at", "expired_at"), zeros + NEVER)
    keys = {name: zeros.astype(np.uint64) for name in ("chain_key", "period_key")}
    return pl.DataFrame({"who": zeros, **numbers, **never, **keys})
