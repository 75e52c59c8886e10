"""Rows of accounts: auth.users, user_profile, user_cohorts."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import PARTNERS, cohort_id_texts
from models.simulation.engine.calendar import instants
from models.simulation.engine.columns import chosen, formatted, frame_of, listed
from models.simulation.engine.draws import short_codes
from models.simulation.kinds import Role, Store, texts
from models.simulation.parameters import COUNTRIES, LEAD_SOURCES
from models.simulation.subjects.people.behaviour import NOBODY
from models.simulation.world import Batch

FIRST_NAMES = ("Ana", "Ben", "Clara", "David", "Eva", "Farid", "Grace", "Hugo", "Ines", "Jonas")
LAST_NAMES = ("Alvarez", "Brown", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Haddad")
IPHONES = ("iPhone 13", "iPhone 15")
ANDROIDS = ("Pixel 8", "Galaxy S23", "Moto G", "Redmi Note 12")


def first_names(batch: Batch) -> pl.Series:
    """What people are called."""
    return batch.draws.texts("first name", batch.people.key, of=FIRST_NAMES)


def emails(batch: Batch) -> pl.Series:
    """Lower-case addresses of nobody real."""
    numbers = batch.draws.digits("address", batch.people.key, length=12)
    return formatted("{}.{}@example.org", first_names(batch).str.to_lowercase(), numbers)


def auth_users(batch: Batch) -> pl.DataFrame:
    """auth.users: one row per person."""
    return frame_of(
        id=batch.ids(),
        email=emails(batch),
        created_at=instants(batch.people.signup - 90),
        email_confirmed_at=instants(batch.people.signup - 20),
    )


def used_codes(batch: Batch) -> pl.Series:
    """The code given at sign-up, sometimes in small letters or with blanks around it."""
    draws, people = batch.draws, batch.people
    by_partner, by_friend = people.partner != NOBODY, people.parent != NOBODY
    code = chosen(draws.chance("discount at sign-up", people.key, odds=0.01), yes="CCF02")
    code = chosen(by_partner, yes=listed([c.code for c in PARTNERS], people.partner), no=code)
    code = chosen(by_friend, yes=short_codes("U", np.maximum(people.parent, 0)), no=code)
    is_small = draws.chance("code small", people.key, odds=0.03)
    code = chosen(is_small, yes=code.str.to_lowercase(), no=code)
    has_blanks = draws.chance("code blanks", people.key, odds=0.02)
    return chosen(has_blanks, yes=formatted(" {} ", code), no=code)


def devices(batch: Batch) -> pl.Series:
    """The device list as JSON text."""
    draws, people = batch.draws, batch.people
    android = draws.texts("android phone", people.key, of=ANDROIDS)
    iphone = draws.texts("iphone", people.key, of=IPHONES)
    return formatted(
        '[{{"device_id": "{}", "model": "{}", "os": "{}"}}]',
        draws.hexes("device", people.key),
        chosen(people.store == Store.APP_STORE, yes=iphone, no=android),
        listed(("Android", "iOS"), people.store),
    )


def user_profile(batch: Batch) -> pl.DataFrame:
    """user_profile: one row per person."""
    draws, people, key = batch.draws, batch.people, batch.people.key
    lead = listed([s[0] for s in LEAD_SOURCES], people.lead)
    lead = chosen(people.parent != NOBODY, yes="Friend", no=lead)
    lead = chosen(people.partner != NOBODY, yes="Partner", no=lead)
    phone = formatted("+1555{}", draws.digits("phone", key, length=7))
    return frame_of(
        user_id=batch.ids(),
        first_name=first_names(batch),
        last_name=draws.texts("last name", key, of=LAST_NAMES),
        email=emails(batch),
        phone_number=chosen(draws.chance("phone given", key, odds=0.6), yes=phone),
        country=listed([c[0] for c in COUNTRIES], people.country),
        lead_source=chosen(draws.chance("lead given", key, odds=0.9), yes=lead),
        devices=devices(batch),
        referral_code=short_codes("U", people.index),
        referred_by_code=used_codes(batch),
        role=listed(texts(Role), people.role),
        created_at=instants(people.signup),
        updated_at=instants(people.signup),
    )


def user_cohorts(batch: Batch) -> pl.DataFrame:
    """user_cohorts: one row per member."""
    members = np.flatnonzero(batch.people.cohort != NOBODY)
    joined = instants(batch.people.signup[members] + 30)
    return frame_of(
        id=batch.draws.uuids("user_cohort", batch.people.key[members]),
        user_id=batch.ids(members),
        cohort_id=cohort_id_texts(batch.draws).gather(pl.Series(batch.people.cohort[members])),
        created_at=joined,
        updated_at=joined,
    )
