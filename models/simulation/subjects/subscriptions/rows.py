"""Rows of subscriptions and subscription_events, as the store's notices would leave them."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.engine.calendar import instants, iso_texts
from models.simulation.engine.columns import chosen, frame_of, listed
from models.simulation.engine.draws import Ints, Keys
from models.simulation.kinds import Event, Offer, Store, texts
from models.simulation.prices import OFFERS, PLANS, SUBSCRIPTION
from models.simulation.stores import period_orders, store_products
from models.simulation.world import Batch


def subscription_ids(batch: Batch, who: Ints | slice = slice(None)) -> pl.Series:
    """The ids of some people's subscriptions rows, or of everyone's."""
    return batch.draws.uuids("subscription", batch.people.key[who])


def products(batch: Batch, store: Ints, *, keys: Keys) -> pl.Series:
    """The product text of a subscription by store."""
    names = listed((SUBSCRIPTION, "subscription_1month"), store)
    return store_products(batch.draws, store, keys=keys, names=names)


def base_plans(store: Ints, plan: pl.Series) -> pl.Series:
    """Google's plans; Apple knows none."""
    return listed(PLANS, np.where(store == Store.GOOGLE_PLAY, plan.to_numpy(), -1))


def event_rows(
    batch: Batch, periods: pl.DataFrame, *, kind: Ints, at: str, name: str
) -> pl.DataFrame:
    """Events of one name, one per given period, at the second in its column `at`."""
    who, keys = periods["who"].to_numpy(), periods["period_key"].to_numpy()
    store = batch.people.store[who]
    offer = np.where(kind <= Event.RENEWED, periods["offer"].to_numpy(), Offer.NONE)
    return frame_of(
        id=batch.draws.uuids(f"event {name}", keys),
        user_id=batch.ids(who),
        subscription_id=subscription_ids(batch, who),
        event_type=listed(texts(Event), kind),
        product_id=products(batch, store, keys=keys),
        base_plan_id=base_plans(store, periods["plan"]),
        offer_id=listed(OFFERS, offer),
        source=listed(texts(Store), store),
        purchase_id=period_orders(batch.draws, store, periods=periods),
        expires_at=instants(periods["end"]),
        details=f'{{"notification": "{name}"}}',
        created_at=instants(periods[at]),
    )


def subscription_events(batch: Batch) -> pl.DataFrame:
    """subscription_events written by the day."""
    periods = batch.periods
    opens = np.where(periods["renewals"].to_numpy() > 0, Event.RENEWED, Event.CREATED)
    frames = [event_rows(batch, periods, kind=opens, at="created", name="opened")]
    for kind, column in ((Event.CANCELED, "cancel_at"), (Event.EXPIRED, "expired_at")):
        past = periods.filter(pl.col(column) < batch.until)
        kinds, name = np.full(len(past), kind), kind.name.lower()
        frames.append(event_rows(batch, past, kind=kinds, at=column, name=name))
    return pl.concat(frames)


def subscriptions(batch: Batch) -> pl.DataFrame:
    """subscriptions as they stand on the day: one row per person, of the newest period if any."""
    draws, people, until = batch.draws, batch.people, batch.until
    last = batch.periods.unique("who", keep="last", maintain_order=True)
    store = people.store[last["who"].to_numpy()]
    seconds = [pl.when(pl.col(c) < until).then(c) for c in ("created", "cancel_at", "expired_at")]
    bought = frame_of(
        who=last["who"],
        expires_at=instants(last["end"]),
        # True until canceled: the app leaves it as it is when a period ends in silence.
        auto_renew=last["cancel_at"] >= until,
        purchase_token=draws.hexes(
            "token text", draws.child_keys("token", last["chain_key"].to_numpy())
        ),
        purchase_id=period_orders(draws, store, periods=last),
        product_id=products(batch, store, keys=last["period_key"].to_numpy()),
        base_plan_id=base_plans(store, last["plan"]),
        offer_id=listed(OFFERS, last["offer"].to_numpy()),
        plan_title="Premium",
        plan_description="Two courses, 10,000 AI credits a week",
        source=listed(texts(Store), store),
        transaction_date=iso_texts(last["created"].to_numpy()),
        updated_at=instants(last.select(pl.max_horizontal(seconds)).to_series()),
    )
    everyone = np.arange(len(people))
    is_premium = batch.credits.access.holds(everyone, np.full(len(people), until - 1))
    rows = frame_of(
        id=subscription_ids(batch),
        user_id=batch.ids(),
        who=everyone,
        plan=chosen(is_premium, yes="premium", no="free"),
        created_at=instants(people.signup + 10),
    ).join(bought, on="who", how="left", maintain_order="left")
    return rows.drop("who").with_columns(
        pl.col("auto_renew").fill_null(value=False),
        pl.col("updated_at").fill_null(pl.col("created_at")),
    )
