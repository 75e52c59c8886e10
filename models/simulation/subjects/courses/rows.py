"""Rows of course_purchases."""

from __future__ import annotations

import polars as pl

from models.simulation.catalogue import COURSES
from models.simulation.engine.calendar import instants
from models.simulation.engine.columns import chosen, constant, epoch_texts, listed
from models.simulation.engine.draws import Draws
from models.simulation.kinds import Source, texts
from models.simulation.stores import order_numbers, store_products
from models.simulation.subjects.courses.behaviour import Holdings
from models.simulation.subjects.people.behaviour import People
from models.simulation.subjects.people.rows import user_ids


def course_purchase_rows(draws: Draws, people: People, *, held: Holdings) -> pl.DataFrame:
    """course_purchases: receipts for sales, bare rows for slots and gifts."""
    key, size = held.key, len(held.key)
    code = listed([c.code for c in COURSES], held.course)
    sold = held.source <= Source.APP_STORE
    none = constant(None, size)
    small = code.str.to_lowercase()
    product = store_products(draws, held.source, keys=key, google=small, apple=small)
    orders = order_numbers(draws, held.source, google_keys=key, apple_keys=key)
    return pl.DataFrame(
        {
            "id": draws.uuids("course purchase", key),
            "user_id": user_ids(draws, people.key[held.user]),
            "course_code": code,
            "voice": listed(
                ("Female", "Male", "female"), draws.pick("voice", key, weights=[6, 3, 1])
            ),
            "product_id": chosen(sold, yes=product, no=none),
            "purchase_id": chosen(sold, yes=orders, no=none),
            "purchase_token": chosen(sold, yes=draws.hexes("course token", key), no=none),
            "source": listed(texts(Source), held.source),
            "status": constant("purchased", size),
            "transaction_date": chosen(sold, yes=epoch_texts(held.at), no=none),
            "created_at": instants(held.at + 3),
            "updated_at": instants(held.at + 3),
        }
    )
