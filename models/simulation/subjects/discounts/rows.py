"""Rows of user_discounts (handed out at the handshake, used or lapsed) and referral_credits."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import code_id_texts
from models.simulation.engine.calendar import instants, optional_instants
from models.simulation.engine.columns import constant
from models.simulation.engine.draws import Draws
from models.simulation.parameters import DAY, NEVER
from models.simulation.subjects.discounts.behaviour import LIFESPAN_DAYS
from models.simulation.subjects.people.behaviour import People
from models.simulation.subjects.people.rows import user_ids


def user_discounts(draws: Draws, people: People, *, lives: pl.DataFrame) -> pl.DataFrame:
    """user_discounts from discount_lives: one row per person and code."""
    keys = people.key[lives["who"].to_numpy()]
    code, assigned, used = (lives[name].to_numpy() for name in ("code", "assigned", "used"))
    is_used = used < NEVER
    return pl.DataFrame(
        {
            "id": draws.uuids("user discount", keys, counter=code),
            "user_id": user_ids(draws, keys),
            "discount_code_id": code_id_texts(draws).gather(pl.Series(code)),
            "assigned_at": instants(assigned),
            "expires_at": instants(assigned + LIFESPAN_DAYS * DAY),
            "used_at": optional_instants(used, is_used),
            "purchase_id": lives["order"],
            "created_at": instants(assigned),
            "updated_at": instants(np.where(is_used, used, assigned)),
        }
    )


def referral_credits(draws: Draws, everyone: People, *, earned: pl.DataFrame) -> pl.DataFrame:
    """referral_credits from rewards."""
    key = everyone.key[earned["referred"].to_numpy()]
    created, used = earned["created"].to_numpy(), earned["used"].to_numpy()
    is_used = used < NEVER
    return pl.DataFrame(
        {
            "id": draws.uuids("reward", key),
            "user_id": user_ids(draws, everyone.key[earned["owner"].to_numpy()]),
            "referred_user_id": user_ids(draws, key),
            "amount": constant("1.00", len(key)),
            "source": constant("user_referral", len(key)),
            "expires_at": instants(earned["expires"]),
            "used_at": optional_instants(used, is_used),
            "created_at": instants(created),
            "updated_at": instants(np.where(is_used, used, created)),
        }
    )
