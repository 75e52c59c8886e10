"""Rows are made by a second thread while the first one writes: in order, and never for nobody."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import polars as pl
import pytest

from models.simulation.engine.write import AHEAD, pieces_ahead
from models.simulation.tables import Tables

ROW, NO_ROWS = pl.DataFrame({"id": ["a"]}), pl.DataFrame({"id": []})


def makers() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("simulation")]


def test_an_error_reaches_the_writer_after_all_that_was_made_before_it() -> None:
    def batches() -> Iterator[Tables]:
        yield {"first": ROW, "empty": NO_ROWS, "second": ROW}
        yield {"third": ROW}
        raise ValueError("the fourth")

    written = []
    with pytest.raises(ValueError, match="the fourth"):
        for piece in pieces_ahead(batches()):
            written.append((piece.table, piece.rows, piece.csv))
    assert written == [(name, 1, b"a\n") for name in ("first", "second", "third")]
    assert makers() == []


def test_a_writer_who_stops_ends_the_making() -> None:
    made = 0

    def batches() -> Iterator[Tables]:
        nonlocal made
        while True:
            made += 1
            yield {"table": ROW}

    pieces = pieces_ahead(batches())
    next(pieces)
    assert makers() != []
    pieces.close()  # type: ignore[attr-defined]
    assert makers() == []
    assert made <= 2 * AHEAD
