"""Rows of custom_courses and custom_course_purchases."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.catalogue import md5
from models.simulation.engine.calendar import instants
from models.simulation.engine.columns import chosen, constant, listed
from models.simulation.engine.draws import Draws
from models.simulation.kinds import Store, texts
from models.simulation.stores import order_numbers
from models.simulation.subjects.custom_audio.behaviour import Customs
from models.simulation.subjects.people.behaviour import People
from models.simulation.subjects.people.rows import user_ids

PLACEHOLDER = "{}"


def custom_course_rows(
    draws: Draws, people: People, *, customs: Customs, until: int
) -> pl.DataFrame:
    """custom_courses: a placeholder from the sale, the finished document from delivery on."""
    done = customs.delivered < until
    audio = pl.Series(
        ['{"audio_files": [{"number": "1", "seconds": 900}], "scripts": [], "workbooks": []}']
        * len(done),
        dtype=pl.String,
    )
    data = chosen(done, yes=audio, no=constant(PLACEHOLDER, len(done)))
    digests = {text: md5(text) for text in data.unique().to_list()}
    frame = pl.DataFrame({"data": data}, schema={"data": pl.String})
    return pl.DataFrame(
        {
            "id": draws.uuids("custom course", customs.key),
            "user_id": user_ids(draws, people.key[customs.user]),
            "course_code": constant("X99ENB", len(done)),
            "title": chosen(
                done,
                yes=constant("My own audio", len(done)),
                no=constant("Custom audio", len(done)),
            ),
            "description": constant("", len(done)),
            "data": frame["data"],
            "checksum": frame["data"].replace_strict(digests, return_dtype=pl.String)
            if digests
            else frame["data"],
            "file_size_bytes": frame["data"].str.len_bytes().cast(pl.Int64),
            "created_at": instants(customs.at + 3),
            "updated_at": instants(np.where(done, customs.delivered, customs.at + 3)),
        }
    )


def custom_purchase_rows(
    draws: Draws, people: People, *, customs: Customs, until: int
) -> pl.DataFrame:
    """custom_course_purchases: one row per sale."""
    store, key = people.store[customs.user], customs.key
    sent, changed = customs.form_at(until)
    return pl.DataFrame(
        {
            "id": draws.uuids("custom purchase", key),
            "course_id": draws.uuids("custom course", key),
            "purchase_id": order_numbers(draws, store, google_keys=key, apple_keys=key),
            "purchase_token": draws.hexes("custom token", key),
            "source": listed(texts(Store), store),
            "link_token": draws.uuids("link", key),
            "is_submitted": sent,
            "status": constant("active", len(key)),
            "created_at": instants(customs.at + 4),
            "updated_at": instants(changed),
        }
    )
