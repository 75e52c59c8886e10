"""Columns of many rows at once: texts by index, money, moments as text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from models.simulation.engine.draws import Ints
from models.simulation.prices import MONEY


def listed(values: Sequence[str | None], places: Ints) -> pl.Series:
    """Texts by index; -1 is null."""
    texts = pl.Series([*values, None], dtype=pl.String)
    return texts.gather(pl.Series(np.where(places < 0, len(values), places)))


def constant(text: str | None, size: int) -> pl.Series:
    """The same text for every row."""
    return pl.Series([text] * size, dtype=pl.String)


def chosen(condition: np.ndarray, *, yes: pl.Series, no: pl.Series) -> pl.Series:
    """One of two texts for each row."""
    frame = pl.DataFrame({"c": np.asarray(condition, dtype=np.bool_), "yes": yes, "no": no})
    return frame.select(pl.when("c").then("yes").otherwise("no").alias("x"))["x"]


def money(units: Ints) -> pl.Series:
    """Exact decimals with four places from hundredths of a cent; below 0 is null."""
    return money_texts(units).cast(pl.Decimal(18, 4))


def money_texts(units: Ints) -> pl.Series:
    """The same as text, beside which a row can also hold NaN."""
    whole = pl.Series(units // MONEY).cast(pl.String)
    rest = pl.Series(units % MONEY).cast(pl.String).str.zfill(4)
    text = pl.select(pl.format("{}.{}", whole, rest).alias("m"))["m"]
    none = constant(None, len(units))
    return chosen(units >= 0, yes=text, no=none)


def epoch_texts(seconds: Ints) -> pl.Series:
    """Epoch milliseconds as text."""
    return (pl.Series(seconds) * 1000).cast(pl.String)


def receipt_texts(table: str, ids: pl.Series) -> pl.Series:
    """Receipts' ids as the marts name them."""
    return pl.select(pl.format(table + ":{}", ids).alias("r"))["r"]
