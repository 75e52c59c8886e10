"""What DuckDB and the source say when something fails, as errors of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
from psycopg.conninfo import conninfo_to_dict

from models.errors import (
    ConnectionDropped,
    HypnomartError,
    SourceChanged,
    SourceUnavailable,
    SourceUnavailableNow,
    WarehouseLocked,
)
from models.reach import DROPPED
from pipelines.base.file_faults import NO_SPACE
from pipelines.extract.source.connection import MEMORY_LIMIT

# How DuckDB begins where it reaches no server: the address, secrets and all, then libpq's reason.
UNREACHED = re.compile(r'IO Error: Unable to connect to Postgres at ".*": ', re.DOTALL)


@dataclass(frozen=True)
class Fault:
    """An error of ours, and the words by which it is known; {doing} and {said} are filled in."""

    signs: tuple[str, ...]
    kind: type[HypnomartError]
    sentence: str


# the first that fits
FAULTS = (
    Fault(
        ("set lock", "different configuration"),
        WarehouseLocked,
        "Another process has the warehouse open ({doing}); close it or wait for its run to end, "
        "nothing was written.",
    ),
    Fault(
        NO_SPACE,
        HypnomartError,
        "The disk is full ({doing}); free some space and run again, nothing was written.",
    ),
    Fault(
        ("outofmemoryexception", "failed to pin"),
        HypnomartError,
        "Out of memory ({doing}): what 2,048 neighbouring rows hold must fit into "
        f"{MEMORY_LIMIT}, their documents included; nothing was written.",
    ),
    Fault(
        ("could not obtain lock",),
        ConnectionDropped,
        "A migration began at the source ({doing}): {said}; nothing was written.",
    ),
    Fault(
        # the transaction ends at the source first; where that fails, nothing is written here either
        (*DROPPED, 'query "commit"', "unable to connect to postgres at"),
        ConnectionDropped,
        "The source dropped the connection ({doing}): {said}.",
    ),
    Fault(
        ("permission denied",),
        SourceUnavailable,
        "The source refuses ({doing}): {said}; nothing was written.",
    ),
    Fault(
        ("does not exist",),
        SourceChanged,
        "The source changed ({doing}): {said}; run `hypnomart schema check`, nothing was written.",
    ),
    Fault(
        ("canceling statement",),
        SourceUnavailableNow,
        "The source gave up ({doing}): {said}; nothing was written.",
    ),
)
OTHER = Fault((), HypnomartError, "Extraction failed ({doing}): {said}; nothing was written.")


@contextmanager
def faults_told(doing: str, conninfo: str = "") -> Iterator[None]:
    """Errors of DuckDB and of the source within a block become ours, and say what was done."""
    try:
        yield
    except duckdb.Error as error:
        raise translated(error, doing, conninfo=conninfo) from None


def translated(error: Exception, doing: str, *, conninfo: str = "") -> HypnomartError:
    """A fault of DuckDB or of the source as one of ours; raise it `from None`.

    Only the line that names the fault is kept: the rest repeats the query, the connection string
    or, in PostgreSQL's context lines, pieces of rows.
    """
    said = said_of(str(error))
    said = without_secrets(said, conninfo) if conninfo else said
    text = f"{type(error).__name__} {error}".lower()
    fault = next((f for f in FAULTS if any(sign in text for sign in f.signs)), OTHER)
    return fault.kind(fault.sentence.format(doing=doing, said=said))


def without_secrets(words: str, conninfo: str) -> str:
    """An error's words with the password, should it occur in them, masked."""
    password = conninfo_to_dict(conninfo).get("password")
    return words.replace(str(password), "***") if password else words


def said_of(text: str) -> str:
    """PostgreSQL's own sentence, else the first line unless it repeats a query or an address."""
    if found := re.search(r"(?:ERROR|FATAL|PANIC):\s*([^\n]*)", text):
        return found[1].strip().removesuffix(".")
    text = UNREACHED.sub("", text)
    first = next((line.strip() for line in text.splitlines() if line.strip()), "no reason given")
    repeats = re.search(r"query \"|(?i:select )|(?:host|dbname|user|password)=", first)
    return "it gave no reason fit to be shown" if repeats else first.removesuffix(".")
