"""The truth of receipts: what each is, what was paid, by what it is valued."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.engine.calendar import instants, optional_instants
from models.simulation.engine.columns import frame_of, listed, money, receipt_texts
from models.simulation.engine.draws import Bools, Ints
from models.simulation.kinds import Basis, Verdict, texts
from models.simulation.parameters import NEVER
from models.simulation.subjects.courses.behaviour import sale_prices
from models.simulation.subjects.custom_audio.behaviour import custom_prices
from models.simulation.world import Batch


def receipt_frame(
    batch: Batch,
    table: str,
    *,
    ids: pl.Series,
    user: Ints,
    at: Ints,
    paid: Ints,
    is_sale: Bools | bool = True,
    in_store: Bools | bool = True,
    basis: Ints | Basis = Basis.PRICE_BOOK,
    refunded: Ints | int = NEVER,
) -> pl.DataFrame:
    """Receipts of one table; not `is_sale` where nothing was sold."""
    is_test = batch.is_test(user)
    sold, gone = (np.broadcast_to(each, len(user)) for each in (is_sale, refunded))
    # A tester's trial phase is a test before it is no sale; what no store sold is no sale at all.
    kinds = [Verdict.TEST, Verdict.COUNTED]
    verdict = np.select([is_test & in_store, sold], kinds, Verdict.NOT_A_SALE)
    return frame_of(
        receipt_id=receipt_texts(table, ids),
        source_table=table,
        source_id=ids,
        user_id=batch.ids(user),
        is_test=is_test,
        verdict=listed(texts(Verdict), verdict),
        duplicate_of=None,
        transacted_at=instants(at),
        paid_usd=money(np.where(sold, paid, -1)),
        price_basis=listed(texts(Basis), np.where(sold, basis, Basis.NONE)),
        refunded_at=optional_instants(gone, gone < batch.until),
    )


def receipts(batch: Batch) -> pl.DataFrame:
    """One row per receipt: verdict, price paid, what it was valued by."""
    draws, packs, charges = batch.draws, batch.credits.packs, batch.credits.charges
    customs, held, periods = batch.customs, batch.held, batch.periods
    frames = [
        receipt_frame(
            batch,
            "ai_credit_purchases",
            ids=draws.uuids("pack", packs.key),
            user=packs.user,
            at=packs.at,
            paid=charges.paid,
            basis=np.where(charges.amount >= 0, Basis.RECORDED, Basis.PRICE_BOOK),
            refunded=charges.refunded,
        ),
        receipt_frame(
            batch,
            "custom_course_purchases",
            ids=draws.uuids("custom purchase", customs.key),
            user=customs.user,
            at=customs.at + 4,
            paid=custom_prices(customs),
        ),
        receipt_frame(
            batch,
            "course_purchases",
            ids=draws.uuids("course purchase", held.key),
            user=held.user,
            at=np.where(held.is_sold, held.at, held.at + 3),
            paid=sale_prices(held),
            is_sale=held.is_sold,
            in_store=held.is_sold,
        ),
        receipt_frame(
            batch,
            "subscription_events",
            ids=draws.uuids("event opened", periods["period_key"].to_numpy()),
            user=periods["who"].to_numpy(),
            at=periods["created"].to_numpy(),
            paid=periods["price"].to_numpy(),
            is_sale=~periods["is_trial"].to_numpy(),
        ),
    ]
    return pl.concat(frames)
