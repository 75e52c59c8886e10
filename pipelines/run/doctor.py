"""What a run needs: each thing is tried, and told with the way out."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import psycopg

from models.counting import counted
from models.drift import compare_schema
from models.errors import HypnomartError
from models.tables import TABLES
from pipelines.base.environment import cleared
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import Settings
from pipelines.base.target_settings import places
from pipelines.extract.source.connection import connection_string, extension_file
from pipelines.extract.source.probe import probe
from pipelines.publication.publications import current
from pipelines.publication.targets.engines import ENGINES
from pipelines.run.demo import is_wanted
from pipelines.run.steps import source_url
from pipelines.transform.dbt import project_dir

State = Literal["ok", "warns", "fails"]
PACKAGES = ("dbt-core", "dbt-duckdb", "dagster", "duckdb", "great-expectations")
LEAST_FREE_BYTES = 500_000_000
MOST_SECONDS_APART = 60
FACTS = """
    select current_setting('server_version'), clock_timestamp(),
        (select rolsuper or rolbypassrls from pg_roles where rolname = current_user)
"""


@dataclass(frozen=True)
class Finding:
    """What was tried, how it went, and what to do."""

    state: State
    about: str
    words: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Try everything; one thing's failure does not hide another's."""
    examinations: tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...] = (
        ("versions", _versions),
        ("environment", _environment),
        ("home", _folders),
        ("seeds", _seeds),
        ("source", _source),
        ("schema", _schema),
        ("targets", _targets),
    )
    for about, tried in examinations:
        try:
            yield from tried(settings)
        except HypnomartError as error:
            yield Finding("fails", about, str(error))
        except (OSError, psycopg.Error) as error:
            yield Finding("fails", about, " ".join(str(error).split()))


def _versions(_: Settings) -> Iterator[Finding]:
    extension_file()
    listed = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    yield Finding("ok", "versions", f"Python {sys.version.split()[0]}, {listed}")


def _environment(_: Settings) -> Iterator[Finding]:
    if cleared:
        yield Finding("warns", "environment", f"{', '.join(cleared)} set, and without effect here.")


def _folders(settings: Settings) -> Iterator[Finding]:
    with warehouse_lock(settings.home):
        pass
    for about, folder in (
        ("home", settings.home),
        ("published", settings.published.parent),
        ("reports", settings.reports_dir),
    ):
        place = next(path for path in (folder, *folder.parents) if path.exists())
        if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
            yield Finding("fails", about, f"{place} cannot be written; grant it or set another.")
            continue
        yield _room(about, folder, place=place, settings=settings)


def _room(about: str, folder: Path, *, place: Path, settings: Settings) -> Finding:
    free = shutil.disk_usage(place).free
    held = settings.warehouse.stat().st_size if settings.warehouse.exists() else 0
    needed = max(LEAST_FREE_BYTES, 2 * held)
    words = f"{folder}, {free / 1e9:,.1f} GB free"
    if free < needed:
        return Finding("fails", about, f"{words}; make room for {needed / 1e9:,.1f} GB.")
    return Finding("ok", about, words)


def _seeds(settings: Settings) -> Iterator[Finding]:
    project_dir(settings)
    found = f"those of {settings.seeds_dir}" if settings.seeds_dir else "the shipped assumptions"
    yield Finding("ok" if settings.seeds_dir else "warns", "seeds", f"prices and fees are {found}")


def _source(settings: Settings) -> Iterator[Finding]:
    if is_wanted(settings):
        words = "the embedded server, empty: `hypnomart run` simulates a business there"
        yield Finding("ok", "source", f"{words}, unless HYPNOMART_SOURCE_URL names yours")
        return
    conninfo = connection_string(source_url(settings))
    readable = set(probe(conninfo).tables)
    with psycopg.connect(conninfo) as con:
        ((server, clock, sees_all),) = con.execute(FACTS).fetchall()
    yield Finding("ok", "source", f"PostgreSQL {server}")
    if missing := [table.name for table in TABLES if table.name not in readable]:
        names = ", ".join(missing) if readable else f"all {len(TABLES)}"
        yield Finding(
            "fails", "rights", f"{names}: no table that may be selected; "
            "see `hypnomart schema check`, or let the owner run `hypnomart schema apply`.",
        )  # fmt: skip
    elif not sees_all:
        yield Finding(
            "warns", "rights", "row-level security binds the login: without a policy for it, rows "
            "are hidden; hypnomart_reader of `hypnomart schema apply` sees all.",
        )  # fmt: skip
    else:
        yield Finding("ok", "rights", f"{counted(len(readable), 'table')} can be read, every row")
    apart = abs((clock - datetime.now(UTC)).total_seconds())
    state: State = "ok" if apart <= MOST_SECONDS_APART else "warns"
    yield Finding(state, "time", f"this clock and the source's are {apart:,.0f} s apart")


def _targets(settings: Settings) -> Iterator[Finding]:
    for name in places(settings):
        now, found = current(settings), ENGINES[name].brought_run(settings)
        if now and found != now.run_id:
            words = f"holds run {found or 'none'}, published is {now.run_id}"
            way_out = f"run `hypnomart publish --to {name}`."
            yield Finding("warns", name, f"{words}: {way_out}")
        else:
            yield Finding("ok", name, "holds what is published")


def _schema(settings: Settings) -> Iterator[Finding]:
    if is_wanted(settings):
        return
    differences = compare_schema(source_url(settings))
    breaking = [difference for difference in differences if difference.is_breaking]
    if breaking:
        yield Finding("fails", "schema", f"{breaking[0]}; see `hypnomart schema check`.")
    elif differences:
        words = f"{counted(len(differences), 'difference')}, stopping nothing"
        yield Finding("warns", "schema", words)
    else:
        yield Finding("ok", "schema", "as the contract wants it")
