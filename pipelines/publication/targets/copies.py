"""What every engine gets: the published file as it stands, and each table is read back there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from models.errors import BadConfiguration, HypnomartError
from models.quoting import literal
from pipelines.base.settings import Settings
from pipelines.extract.source.connection import (
    MEMORY_LIMIT,
    extension_file,
    without_secrets_of_others,
)
from pipelines.publication.publications import current
from pipelines.publication.readable import Published
from pipelines.publication.targets.tables import PUBLISHED, Table


class NotAsSent(HypnomartError):
    """A table of an engine does not hold what is published."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            f"{table} does not come back from the target as it was sent; the marts there are as "
            "before. Please report this with the types of its columns."
        )


@dataclass(frozen=True)
class Brought:
    """What stands at an engine now: the run, tables and rows in number, and `place` in words.
    `note`: what of before could not be cleared away, where something could not."""

    run_id: str
    place: str
    tables: int
    rows: int
    seconds: float
    note: str | None


def standing(settings: Settings) -> Published:
    """What is published. Raises BadConfiguration before the first publication."""
    published = current(settings)
    if published is None:
        raise BadConfiguration(
            f"{settings.published} holds no publication yet; run `hypnomart run` first."
        )
    return published


def opened(settings: Settings, *extensions: str) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory with the extensions that write to an engine."""
    con = duckdb.connect(":memory:")
    con.execute("set autoinstall_known_extensions = false")
    con.execute("set autoload_known_extensions = false")
    without_secrets_of_others(con)
    con.execute(f"set memory_limit = {literal(MEMORY_LIMIT)}")
    con.execute(f"set temp_directory = {literal(str(settings.home / 'target.tmp'))}")
    con.execute("set global timezone = 'UTC'")
    for name in extensions:
        con.execute(f"load {literal(str(extension_file(name)))}")
    return con


@contextmanager
def temporary_folder(settings: Settings) -> Iterator[Path]:
    """A folder in home for a block, in which the run lock is held; those of killed ones go."""
    remove_temporary(settings)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix="target-", suffix=".tmp") as name:
        yield Path(name)


def remove_temporary(settings: Settings) -> None:
    """Delete what was on its way to an engine when somebody killed it: it holds rows of people."""
    for leftover in settings.home.glob("target*.tmp"):
        shutil.rmtree(leftover)


def attach_published(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Attach the published file for reading."""
    con.execute(f"attach {literal(str(settings.published))} as {PUBLISHED} (read_only)")


def read_back(
    con: duckdb.DuckDBPyConnection, tables: Sequence[Table], *, places: Sequence[str]
) -> int:
    """How many rows the tables hold. `places`: where each stands at the engine.

    Raises NotAsSent for a table that does not hold what was sent.
    """
    pairs = zip(tables, places, strict=True)
    return sum(come_back(con, table.name, sent=table.select, place=place) for table, place in pairs)


def come_back(con: duckdb.DuckDBPyConnection, name: str, *, sent: str, place: str) -> int:
    """How many rows a table holds. `sent`: the query whose rows went to `place`.

    Raises NotAsSent where it does not hold those.
    """
    held = _held(con, sent)
    if _held(con, f"from {place}") != held:
        raise NotAsSent(name)
    return held[0]


def _held(con: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int | None]:
    """How many rows a query gives, and the sum of their hashes."""
    ((count, hashes),) = con.execute(
        f"select count(*), sum(hash(t)) from ({query}) as t"
    ).fetchall()
    return count, hashes
