"""Rows of user_discounts (handed out at the handshake, used or lapsed) and referral_credits."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import code_id_texts
from models.simulation.engine.calendar import instants, optional_instants
from models.simulation.engine.columns import chosen, frame_of
from models.simulation.engine.draws import Ints
from models.simulation.parameters import DAY, NEVER
from models.simulation.subjects.discounts.behaviour import LIFESPAN_DAYS
from models.simulation.world import Batch


def stamps(begun: Ints, used: Ints) -> dict[str, pl.Series]:
    """When something began that may be used once, as its row tells it."""
    return {
        "used_at": optional_instants(used, used < NEVER),
        "created_at": instants(begun),
        "updated_at": instants(np.where(used < NEVER, used, begun)),
    }


def user_discounts(batch: Batch) -> pl.DataFrame:
    """user_discounts: one row per person and code handed out."""
    draws, lives = batch.draws, batch.discounts
    who, code, assigned, used = (
        lives[name].to_numpy() for name in ("who", "code", "assigned", "used")
    )
    return frame_of(
        id=draws.uuids("user discount", batch.people.key[who], counter=code),
        user_id=batch.ids(who),
        discount_code_id=code_id_texts(draws).gather(pl.Series(code)),
        assigned_at=instants(assigned),
        expires_at=instants(assigned + LIFESPAN_DAYS * DAY),
        purchase_id=lives["order"],
        **stamps(assigned, used),
    )


def referral_credits(batch: Batch) -> pl.DataFrame:
    """referral_credits: one row per reward earned, also by bringing an account closed since."""
    earned, world = batch.rewards, batch.world
    referred = earned["referred"].to_numpy()
    is_known = world.people.closed[referred] >= batch.until
    return frame_of(
        id=batch.draws.uuids("reward", world.people.key[referred]),
        user_id=world.ids(earned["owner"].to_numpy()),
        referred_user_id=chosen(is_known, yes=world.ids(referred)),
        amount="1.00",
        source="user_referral",
        expires_at=instants(earned["expires"]),
        **stamps(earned["created"].to_numpy(), earned["used"].to_numpy()),
    )
