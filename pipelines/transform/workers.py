"""Work on the working file through a few connections at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import duckdb

AT_ONCE = 2

T = TypeVar("T")
Work = Callable[[duckdb.DuckDBPyConnection], T]


@contextmanager
def workers(con: duckdb.DuckDBPyConnection) -> Iterator[Callable[[Work[Any]], Future[Any]]]:
    """Submit work to a few threads, each with a cursor of its own; an exception stops them all."""
    own = threading.local()
    cursors: list[duckdb.DuckDBPyConnection] = []

    def begin() -> None:
        own.con = con.cursor()
        own.con.execute("set timezone = 'UTC'")
        cursors.append(own.con)

    pool = ThreadPoolExecutor(AT_ONCE, initializer=begin)
    try:
        yield lambda work: pool.submit(lambda: work(own.con))
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for cursor in cursors:
            cursor.interrupt()
        raise
    finally:
        pool.shutdown()
        for cursor in cursors:
            cursor.close()
