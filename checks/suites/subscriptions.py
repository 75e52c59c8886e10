"""Subscription states and events, each by itself."""

from __future__ import annotations

from checks.suites.rule import Rule, Suite
from models.words import STORES

EVENTS = "raw/subscription_events"

SUITE = Suite(
    "subscriptions",
    "subscriptions_and_retention",
    (
        Rule(
            "event_type_known",
            "border_events",
            "event_type",
            EVENTS,
            "The event's type is none of the contract's, so that it changes no period",
            "every subscription event is of a type of the contract",
            known=("created", "renewed", "canceled", "expired"),
            cause="server writes a wrong value",
        ),
        Rule(
            "event_store_known",
            "border_events",
            "store",
            EVENTS,
            "A paid period is opened by no known store, so that it counts as no sale",
            "every paid period is opened by a known store",
            known=(*STORES, "free"),
            cause="server writes a wrong value",
        ),
        Rule(
            "event_period_in_order",
            "border_events",
            "period",
            EVENTS,
            "The event does not name a later end of the period that it opens",
            "every event names a later end of the period that it opens",
            known=("in order",),
            shows_value=True,
            cause="server writes a wrong value",
        ),
        Rule(
            "plan_known",
            "border_subscriptions",
            "plan",
            "raw/subscriptions",
            "The plan is neither free nor premium",
            "every plan is free or premium",
            known=("free", "premium"),
            cause="server writes a wrong value",
        ),
    ),
)
