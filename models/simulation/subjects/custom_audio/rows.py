"""Rows of custom_courses and custom_course_purchases."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import md5
from models.simulation.engine.calendar import instants
from models.simulation.engine.columns import chosen, frame_of, listed
from models.simulation.kinds import Store, texts
from models.simulation.stores import order_numbers
from models.simulation.world import Batch

PLACEHOLDER = "{}"
DELIVERED = '{"audio_files": [{"number": "1", "seconds": 900}], "scripts": [], "workbooks": []}'


def custom_courses(batch: Batch) -> pl.DataFrame:
    """custom_courses: a placeholder from the sale, the finished document from delivery on."""
    customs = batch.customs
    done = customs.delivered < batch.until
    data = chosen(done, yes=DELIVERED, no=PLACEHOLDER)
    return frame_of(
        id=batch.draws.uuids("custom course", customs.key),
        user_id=batch.ids(customs.user),
        course_code="X99ENB",
        title=chosen(done, yes="My own audio", no="Custom audio"),
        description="",
        data=data,
        checksum=chosen(done, yes=md5(DELIVERED), no=md5(PLACEHOLDER)),
        file_size_bytes=data.str.len_bytes().cast(pl.Int64),
        created_at=instants(customs.at + 3),
        updated_at=instants(np.where(done, customs.delivered, customs.at + 3)),
    )


def custom_course_purchases(batch: Batch) -> pl.DataFrame:
    """custom_course_purchases: one row per sale."""
    draws, customs, key = batch.draws, batch.customs, batch.customs.key
    store = batch.people.store[customs.user]
    sent, changed = customs.form_at(batch.until)
    return frame_of(
        id=draws.uuids("custom purchase", key),
        course_id=draws.uuids("custom course", key),
        purchase_id=order_numbers(draws, store, keys=key),
        purchase_token=draws.hexes("custom token", key),
        source=listed(texts(Store), store),
        link_token=draws.uuids("link", key),
        is_submitted=sent,
        status="active",
        created_at=instants(customs.at + 4),
        updated_at=instants(changed),
    )
