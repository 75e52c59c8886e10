"""Rows of accounts: auth.users, user_profile, user_cohorts."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import COHORTS, cohort_id_texts
from models.simulation.engine.calendar import instants
from models.simulation.engine.columns import chosen, constant, listed
from models.simulation.engine.draws import Draws, Keys, short_codes
from models.simulation.kinds import Role, Store, texts
from models.simulation.parameters import COUNTRIES, LEAD_SOURCES
from models.simulation.subjects.people.behaviour import NOBODY, People

FIRST_NAMES = ("Ana", "Ben", "Clara", "David", "Eva", "Farid", "Grace", "Hugo", "Ines", "Jonas")
LAST_NAMES = ("Alvarez", "Brown", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Haddad")
PHONES = ("iPhone 13", "iPhone 15", "Pixel 8", "Galaxy S23", "Moto G", "Redmi Note 12")


def user_ids(draws: Draws, keys: Keys) -> pl.Series:
    """The account id of each person."""
    return draws.uuids("user", keys)


def emails(draws: Draws, people: People) -> pl.Series:
    """Lower-case addresses of nobody real."""
    first = listed(
        FIRST_NAMES, draws.pick("first name", people.key, weights=[1.0] * 10)
    ).str.to_lowercase()
    numbers = draws.digits("address", people.key, length=12)
    return pl.select(pl.format("{}.{}@example.org", first, numbers).alias("email"))["email"]


def auth_users(draws: Draws, people: People) -> pl.DataFrame:
    """auth.users: one row per person."""
    return pl.DataFrame(
        {
            "id": user_ids(draws, people.key),
            "email": emails(draws, people),
            "created_at": instants(people.signup - 90),
            "email_confirmed_at": instants(people.signup - 20),
        }
    )


def used_codes(draws: Draws, people: People) -> pl.Series:
    """The code given at sign-up, sometimes in small letters or with blanks around it."""
    parents = short_codes("U", np.maximum(people.parent, 0))
    partners = listed([c.code for c in COHORTS if c.cohort_type == "partner"], people.partner)
    no_code = constant(None, len(people))
    with_discount = draws.chance("discount at sign-up", people.key, odds=0.01)
    organic = (people.parent == NOBODY) & (people.partner == NOBODY)
    code = chosen(organic & with_discount, yes=constant("CCF02", len(people)), no=no_code)
    code = chosen(people.partner != NOBODY, yes=partners, no=code)
    code = chosen(people.parent != NOBODY, yes=parents, no=code)
    code = chosen(
        draws.chance("code small", people.key, odds=0.03), yes=code.str.to_lowercase(), no=code
    )
    blanks = pl.select(pl.format(" {} ", code).alias("code"))["code"]
    return chosen(draws.chance("code blanks", people.key, odds=0.02), yes=blanks, no=code)


def devices(draws: Draws, people: People) -> pl.Series:
    """The device list as JSON text."""
    phone = draws.pick("android phone", people.key, weights=[1.0] * 4) + 2
    phone = np.where(
        people.store == Store.APP_STORE, draws.pick("iphone", people.key, weights=[1.0] * 2), phone
    )
    device = draws.hexes("device", people.key)
    system = listed(("Android", "iOS"), people.store)
    row = pl.concat_str(
        pl.lit('[{"device_id": "'),
        device,
        pl.lit('", "model": "'),
        listed(PHONES, phone),
        pl.lit('", "os": "'),
        system,
        pl.lit('"}]'),
    )
    return pl.select(row.alias("devices"))["devices"]


def user_profiles(draws: Draws, people: People) -> pl.DataFrame:
    """user_profile: one row per person."""
    key = people.key
    lead = listed([s[0] for s in LEAD_SOURCES], people.lead)
    lead = chosen(people.parent != NOBODY, yes=constant("Friend", len(key)), no=lead)
    lead = chosen(people.partner != NOBODY, yes=constant("Partner", len(key)), no=lead)
    none = constant(None, len(key))
    phone = pl.select(pl.format("+1555{}", draws.digits("phone", key, length=7)).alias("p"))["p"]
    return pl.DataFrame(
        {
            "user_id": user_ids(draws, key),
            "first_name": listed(FIRST_NAMES, draws.pick("first name", key, weights=[1.0] * 10)),
            "last_name": listed(LAST_NAMES, draws.pick("last name", key, weights=[1.0] * 8)),
            "email": emails(draws, people),
            "phone_number": chosen(draws.chance("phone given", key, odds=0.6), yes=phone, no=none),
            "country": listed([c[0] for c in COUNTRIES], people.country),
            "lead_source": chosen(draws.chance("lead given", key, odds=0.9), yes=lead, no=none),
            "devices": devices(draws, people),
            "referral_code": short_codes("U", people.index),
            "referred_by_code": used_codes(draws, people),
            "role": listed(texts(Role), people.role),
            "created_at": instants(people.signup),
            "updated_at": instants(people.signup),
        }
    )


def user_cohorts(draws: Draws, people: People) -> pl.DataFrame:
    """user_cohorts: one row per member."""
    members = people.take(people.cohort != NOBODY)
    cohort_ids = cohort_id_texts(draws)
    joined = members.signup + 30
    return pl.DataFrame(
        {
            "id": draws.uuids("user_cohort", members.key),
            "user_id": user_ids(draws, members.key),
            "cohort_id": cohort_ids.gather(pl.Series(members.cohort)),
            "created_at": instants(joined),
            "updated_at": instants(joined),
        }
    )
