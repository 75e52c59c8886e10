"""The truth of receipts: what each is, what was paid, by what it is valued."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.engine.calendar import instants, optional_instants
from models.simulation.engine.columns import constant, listed, money, receipt_texts
from models.simulation.engine.draws import Ints
from models.simulation.kinds import Basis, Role, Source, Verdict, texts
from models.simulation.parameters import NEVER
from models.simulation.subjects.courses.behaviour import sale_prices
from models.simulation.subjects.credits.charges import pack_charges
from models.simulation.subjects.custom_audio.behaviour import custom_prices
from models.simulation.subjects.people.rows import user_ids
from models.simulation.world import Batch, World


def receipt_frame(
    world: World, batch: Batch, *, table: str, ids: pl.Series, user: Ints, **values: Ints
) -> pl.DataFrame:
    """Receipts of one table; `sale` is False where nothing was sold, `basis` is a Basis."""
    is_test = batch.people.role[user] != Role.USER
    sale = values["sale"].astype(np.bool_)
    # A tester's trial phase is a test before it is no sale; what no store sold is no sale at all.
    in_store = values.get("in_store", np.ones(len(user))).astype(np.bool_)
    verdict = np.select(
        [~in_store, is_test, sale],
        [Verdict.NOT_A_SALE, Verdict.TEST, Verdict.COUNTED],
        Verdict.NOT_A_SALE,
    )
    refunded = values.get("refunded", np.full(len(user), NEVER))
    return pl.DataFrame(
        {
            "receipt_id": receipt_texts(table, ids),
            "source_table": constant(table, len(user)),
            "source_id": ids,
            "user_id": user_ids(world.draws, batch.people.key[user]),
            "is_test": is_test,
            "verdict": listed(texts(Verdict), verdict),
            "duplicate_of": constant(None, len(user)),
            "transacted_at": instants(values["at"]),
            "paid_usd": money(np.where(sale, values["paid"], -1)),
            "price_basis": listed(texts(Basis), np.where(sale, values["basis"], Basis.NONE)),
            "refunded_at": optional_instants(refunded, refunded < world.until),
        }
    )


def receipts(world: World, batch: Batch) -> pl.DataFrame:
    """One row per receipt: verdict, price paid, what it was valued by."""
    draws, people = world.draws, batch.people
    packs, customs, held, periods = batch.credits.packs, batch.customs, batch.held, batch.periods
    sold = held.source <= Source.APP_STORE
    charges = pack_charges(draws, people, packs=packs)
    frames = [
        receipt_frame(
            world, batch, table="ai_credit_purchases",
            ids=draws.uuids("pack", packs.key), user=packs.user,
            sale=np.ones(len(packs.user), dtype=np.int64), at=packs.at, paid=charges.paid,
            basis=np.where(charges.amount >= 0, Basis.RECORDED, Basis.PRICE_BOOK),
            refunded=charges.refunded,
        ),
        receipt_frame(
            world, batch, table="custom_course_purchases",
            ids=draws.uuids("custom purchase", customs.key), user=customs.user,
            sale=np.ones(len(customs.user), dtype=np.int64), at=customs.at + 4,
            paid=custom_prices(customs), basis=np.full(len(customs.user), Basis.PRICE_BOOK),
        ),
        receipt_frame(
            world, batch, table="course_purchases",
            ids=draws.uuids("course purchase", held.key), user=held.user,
            sale=sold.astype(np.int64), in_store=sold.astype(np.int64),
            at=np.where(sold, held.at, held.at + 3),
            paid=sale_prices(held), basis=np.full(len(held.user), Basis.PRICE_BOOK),
        ),
        receipt_frame(
            world, batch, table="subscription_events",
            ids=draws.uuids("event opened", periods["period_key"].to_numpy()),
            user=periods["who"].to_numpy(), sale=1 - periods["is_trial"].cast(pl.Int64).to_numpy(),
            at=periods["created"].to_numpy(), paid=periods["price"].to_numpy(),
            basis=np.full(len(periods), Basis.PRICE_BOOK),
        ),
    ]  # fmt: skip
    return pl.concat(frames)
