"""Columns of many rows at once: frames, texts by index, money, moments as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Self

import numpy as np
import polars as pl

from models.simulation.engine.draws import Bools, Ints
from models.simulation.prices import MONEY

Values = pl.Series | str | None


class Entities:
    """A dataclass of arrays that have one entry for each of its entities, in the same order."""

    def take(self, chosen: slice | Ints | Bools) -> Self:
        """The chosen ones."""
        return type(self)(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})  # type: ignore[arg-type]

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The entities of all parts, in order."""
        names = [f.name for f in fields(cls)]  # type: ignore[arg-type]
        return cls(**{n: np.concatenate([getattr(part, n) for part in parts]) for n in names})

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]


def frame_of(**columns: Any) -> pl.DataFrame:
    """A frame by column name; a text or None is the same in every row."""
    single = {n: pl.lit(x, pl.String) for n, x in columns.items() if isinstance(x, str | None)}
    many = {name: values for name, values in columns.items() if name not in single}
    return pl.DataFrame(many).with_columns(**single).select(columns.keys())


def listed(values: Sequence[str | None], places: Ints) -> pl.Series:
    """Texts by index; -1 is null."""
    texts = pl.Series([*values, None], dtype=pl.String)
    return texts.gather(pl.Series(np.where(places < 0, len(values), places)))


def formatted(template: str, *parts: pl.Series) -> pl.Series:
    """Texts by a template with {} for each part."""
    return pl.select(pl.format(template, *parts).alias("text"))["text"]


def chosen(condition: np.ndarray, *, yes: Values, no: Values = None) -> pl.Series:
    """One of two values for each row; None is null."""
    both = frame_of(c=np.asarray(condition, dtype=np.bool_), yes=yes, no=no)
    picked = pl.when("c").then("yes")
    return both.select(x=picked if no is None else picked.otherwise("no"))["x"]


def money(units: Ints) -> pl.Series:
    """Exact decimals with four places from hundredths of a cent; below 0 is null."""
    return money_texts(units).cast(pl.Decimal(18, 4))


def money_texts(units: Ints) -> pl.Series:
    """The same as text, beside which a row can also hold NaN."""
    whole = pl.Series(units // MONEY).cast(pl.String)
    rest = pl.Series(units % MONEY).cast(pl.String).str.zfill(4)
    return chosen(units >= 0, yes=formatted("{}.{}", whole, rest))


def epoch_texts(seconds: Ints) -> pl.Series:
    """Epoch milliseconds as text."""
    return (pl.Series(seconds) * 1000).cast(pl.String)


def receipt_texts(table: str, ids: pl.Series) -> pl.Series:
    """Receipts' ids as the marts name them."""
    return formatted(table + ":{}", ids)
