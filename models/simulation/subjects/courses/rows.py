"""Rows of course_purchases."""

from __future__ import annotations

import polars as pl

from models.simulation.catalogue import COURSES
from models.simulation.engine.calendar import instants
from models.simulation.engine.columns import chosen, epoch_texts, frame_of, listed
from models.simulation.kinds import Source, texts
from models.simulation.stores import order_numbers, store_products
from models.simulation.subjects.courses.behaviour import VOICE_WEIGHTS, VOICES
from models.simulation.world import Batch


def course_purchases(batch: Batch) -> pl.DataFrame:
    """course_purchases: receipts for sales, bare rows for slots and gifts."""
    draws, held, key = batch.draws, batch.held, batch.held.key
    code = listed([c.code for c in COURSES], held.course)
    product = code.str.to_lowercase()
    receipt = {
        "product_id": store_products(draws, held.source, keys=key, names=product),
        "purchase_id": order_numbers(draws, held.source, keys=key),
        "purchase_token": draws.hexes("course token", key),
        "transaction_date": epoch_texts(held.at),
    }
    return frame_of(
        id=draws.uuids("course purchase", key),
        user_id=batch.ids(held.user),
        course_code=code,
        voice=draws.texts("voice", key, of=VOICES, weights=VOICE_WEIGHTS),
        source=listed(texts(Source), held.source),
        status="purchased",
        **{name: chosen(held.is_sold, yes=values) for name, values in receipt.items()},
        created_at=instants(held.at + 3),
        updated_at=instants(held.at + 3),
    )
