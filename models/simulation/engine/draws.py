"""Draws that depend on (seed, stream, entity, counter) alone, never on order or engine.

A stream is a named purpose ("plan", "churn"): every purpose has its own numbers, so that a new
draw somewhere changes nothing elsewhere, and the same person lives the same life in any batch.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from scipy import special

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Counter = int | Ints | Keys
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
HEX = np.frombuffer("".join(f"{n:04x}" for n in range(65536)).encode(), dtype=np.uint8)
ALPHANUMERICS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def scrambled(values: Keys) -> Keys:
    """The finaliser of splitmix64: a bijection that spreads every bit."""
    x = values ^ (values >> np.uint64(30))
    x = x * np.uint64(0xBF58476D1CE4E5B9)
    x = x ^ (x >> np.uint64(27))
    x = x * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


@functools.cache
def stream_constant(seed: int, stream: str) -> np.uint64:
    """A 64-bit constant for one stream of one seed."""
    digest = hashlib.blake2b(f"{seed}:{stream}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


@dataclass(frozen=True)
class Draws:
    """All draws of one seed. `keys` are entities (uint64), `counter` numbers draws of an entity."""

    seed: int

    def bits(self, stream: str, keys: Keys, *, counter: Counter = 0) -> Keys:
        """64 even bits for each entity."""
        count = np.asarray(counter).astype(np.uint64)
        with np.errstate(over="ignore"):
            first = scrambled(keys + stream_constant(self.seed, stream))
            return scrambled(first + (count + np.uint64(1)) * GOLDEN)

    def uniform(self, stream: str, keys: Keys, *, counter: Counter = 0) -> Floats:
        """Even numbers in [0, 1)."""
        bits = self.bits(stream, keys, counter=counter) >> np.uint64(11)
        return bits.astype(np.float64) * 2.0**-53

    def chance(self, stream: str, keys: Keys, *, odds: float | Floats) -> Bools:
        """True with the given odds."""
        return np.asarray(self.uniform(stream, keys) < odds)

    def between(self, stream: str, keys: Keys, *, low: int, high: int) -> Ints:
        """Whole numbers in [low, high)."""
        return low + (self.uniform(stream, keys) * (high - low)).astype(np.int64)

    def pick(
        self, stream: str, keys: Keys, *, weights: Sequence[float], counter: Counter = 0
    ) -> Ints:
        """An index with odds in proportion to its weight."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        share = self.uniform(stream, keys, counter=counter)
        at = np.searchsorted(edges / edges[-1], share, side="right")
        return np.minimum(at, len(weights) - 1).astype(np.int64)

    def texts(
        self,
        stream: str,
        keys: Keys,
        *,
        of: Sequence[str],
        weights: Sequence[float] = (),
        counter: Counter = 0,
    ) -> pl.Series:
        """One of the texts each; without weights all have the same odds."""
        weights = weights or [1.0] * len(of)
        places = self.pick(stream, keys, weights=weights, counter=counter)
        return pl.Series(of, dtype=pl.String).gather(pl.Series(places))

    def exponential(self, stream: str, keys: Keys, *, mean: float, counter: Counter = 0) -> Floats:
        """Exponential waiting times with the given mean."""
        return np.asarray(-mean * np.log1p(-self.uniform(stream, keys, counter=counter)))

    def wait(self, stream: str, keys: Keys, *, mean: float, counter: Counter = 0) -> Ints:
        """The same in whole seconds, cut off."""
        return self.exponential(stream, keys, mean=mean, counter=counter).astype(np.int64)

    def poisson(self, stream: str, keys: Keys, *, mean: float | Floats) -> Ints:
        """Poisson counts by inversion; above a mean of 25 by the normal law that is near enough."""
        u = self.uniform(stream, keys)
        means = np.broadcast_to(np.asarray(mean, dtype=np.float64), u.shape)
        rate = np.minimum(means, 25.0)
        term = np.exp(-rate)
        below = term.copy()
        count = np.zeros(u.shape, dtype=np.int64)
        for k in range(1, 100):
            more = u >= below
            if not more.any():
                break
            count += more
            term = term * rate / k
            below = below + np.where(more, term, 0.0)
        normal = means + np.sqrt(means) * special.ndtri(np.maximum(u, 2.0**-53))
        return np.where(means > 25.0, np.maximum(np.rint(normal), 0.0), count).astype(np.int64)

    def beta(self, stream: str, keys: Keys, *, alpha: Floats, beta: Floats) -> Floats:
        """Beta(alpha, beta) by inversion; one pair of parameters for each entity."""
        return np.asarray(special.betaincinv(alpha, beta, self.uniform(stream, keys)))

    def child_keys(self, stream: str, keys: Keys, *, counter: Counter = 0) -> Keys:
        """Keys of new entities that belong to the given ones."""
        return self.bits(f"child {stream}", keys, counter=counter)

    def uuids(self, stream: str, keys: Keys, *, counter: Counter = 0) -> pl.Series:
        """Version 4 UUIDs as text."""
        high = self.bits(f"uuid high {stream}", keys, counter=counter)
        low = self.bits(f"uuid low {stream}", keys, counter=counter)
        high = (high & np.uint64(0xFFFFFFFFFFFF0FFF)) | np.uint64(0x4000)
        low = (low & np.uint64(0x3FFFFFFFFFFFFFFF)) | np.uint64(0x8000000000000000)
        return uuid_texts(high, low)

    def digits(self, stream: str, keys: Keys, *, length: int) -> pl.Series:
        """Text of `length` (at most 18) decimal digits."""
        number = self.bits(stream, keys) % np.uint64(10**length)
        return pl.Series(number).cast(pl.String).str.zfill(length)

    def hexes(self, stream: str, keys: Keys) -> pl.Series:
        """Text of 16 hexadecimal digits."""
        return byte_texts(hex_digits(self.bits(stream, keys)))


def repeated(counts: Ints) -> tuple[Ints, Ints]:
    """For things of which entity n has counts[n]: (the entity, 0, 1, ... within the entity)."""
    entity = np.repeat(np.arange(len(counts)), counts)
    return entity, np.arange(len(entity)) - np.repeat(np.cumsum(counts) - counts, counts)


def hex_digits(values: Keys) -> npt.NDArray[np.uint8]:
    """(n, 16) ASCII codes of the hexadecimal digits."""
    quads = HEX.reshape(65536, 4)
    parts = [(values >> np.uint64(shift)) & np.uint64(0xFFFF) for shift in (48, 32, 16, 0)]
    return np.concatenate([quads[part.astype(np.int64)] for part in parts], axis=1)


def uuid_texts(high: Keys, low: Keys) -> pl.Series:
    """UUIDs as text from their two halves."""
    left, right = hex_digits(high), hex_digits(low)
    text = np.full((len(high), 36), ord("-"), dtype=np.uint8)
    text[:, 0:8], text[:, 9:13], text[:, 14:18] = left[:, 0:8], left[:, 8:12], left[:, 12:16]
    text[:, 19:23], text[:, 24:36] = right[:, 0:4], right[:, 4:16]
    return byte_texts(text)


def byte_texts(codes: npt.NDArray[np.uint8]) -> pl.Series:
    """One text for each row of an (n, width) array of ASCII codes."""
    rows, width = codes.shape
    offsets = np.arange(rows + 1, dtype=np.int64) * width
    array: Any = pa.LargeStringArray.from_buffers(
        rows, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(codes))
    )
    return pl.Series(array)


def short_codes(prefix: str, numbers: Ints) -> pl.Series:
    """A prefix and six alphanumerics, different for different numbers below 36**6."""
    spread = (numbers.astype(np.uint64) * np.uint64(1_402_350_227) + np.uint64(987_654_321)) % (
        np.uint64(36**6)
    )
    letters = np.frombuffer(ALPHANUMERICS.encode(), dtype=np.uint8)
    codes = np.empty((len(numbers), 6 + len(prefix)), dtype=np.uint8)
    codes[:, : len(prefix)] = np.frombuffer(prefix.encode(), dtype=np.uint8)
    for place in range(6):
        codes[:, len(prefix) + place] = letters[(spread % np.uint64(36)).astype(np.int64)]
        spread = spread // np.uint64(36)
    return byte_texts(codes)
