"""Instants in whole seconds: months with clamped ends, weeks that begin on Tuesday, texts."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.engine.columns import chosen
from models.simulation.engine.draws import Ints
from models.simulation.parameters import DAY, WEEK

FIRST_TUESDAY = 5 * DAY  # 6 January 1970, 00:00 UTC


def add_months(seconds: Ints, months: Ints | int) -> Ints:
    """The same day and time n months later, or the month's last day where it is shorter."""
    day = (seconds // DAY).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    in_month = (day - month.astype("datetime64[D]")).astype(np.int64)
    target = month + np.asarray(months, dtype=np.int64).astype("timedelta64[M]")
    first = target.astype("datetime64[D]").astype(np.int64)
    length = (target + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - first
    moved = first + np.minimum(in_month, length - 1)
    return np.asarray(moved * DAY + seconds % DAY)


def add_months_to(second: int, months: int) -> int:
    """The same of a single instant."""
    return int(add_months(np.array([second]), months)[0])


def week_of(seconds: Ints) -> Ints:
    """The number of the allowance week: it begins on Tuesday at 00:00 UTC."""
    return np.asarray((seconds - FIRST_TUESDAY) // WEEK)


def week_start(week: Ints) -> Ints:
    """The first second of an allowance week."""
    return np.asarray(FIRST_TUESDAY + week * WEEK)


def instants(seconds: Ints | pl.Series) -> pl.Series:
    """Naive UTC timestamps from seconds; nulls stay null."""
    series = seconds if isinstance(seconds, pl.Series) else pl.Series(seconds)
    return (series.cast(pl.Int64) * 1_000_000).cast(pl.Datetime("us"))


def optional_instants(seconds: Ints, present: np.ndarray) -> pl.Series:
    """Timestamps where present, else null."""
    return chosen(present, yes=instants(seconds))


def iso_texts(seconds: Ints) -> pl.Series:
    """ISO 8601 texts as the app sends them for subscriptions, with milliseconds and Z."""
    return instants(seconds).dt.strftime("%Y-%m-%dT%H:%M:%S.000Z")
