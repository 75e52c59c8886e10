"""Erase people from the files: random words in the place of what leads to them.

Rows, money, periods, credits and counts stay, so that no figure moves; the words that replace
others, and what is kept of those, are told in pipelines/extract/state/words.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import duckdb

from models.errors import BadConfiguration
from pipelines.base.files import synchronise
from pipelines.base.lock import warehouse_lock
from pipelines.base.settings import BUILT_BY, Settings
from pipelines.extract.source.faults import translated
from pipelines.extract.state.layout import create_layout
from pipelines.extract.state.working_file import open_warehouse
from pipelines.publication.erasure.files import rewrite, rewrite_publications
from pipelines.publication.erasure.people import closed_before, ids_of
from pipelines.publication.erasure.replace import REBUILT, Erasure, replace_people
from pipelines.publication.native.spark_place import spark_place
from pipelines.publication.places import all_held
from pipelines.publication.publications import ERASING, publication_files, remove_leftovers
from pipelines.publication.targets.copies import remove_temporary


def erase(settings: Settings, user_id: UUID | str, *, now: datetime | None = None) -> Erasure:
    """Erase a person and rewrite the working file; its marts are gone until the next build.

    Nothing happens for somebody of whom nothing is held. Raises BadConfiguration, WarehouseLocked
    or HypnomartError; the file is then as before.
    """
    person = _uuid(user_id)
    if not settings.warehouse.exists():
        raise BadConfiguration(
            f"{settings.warehouse} does not exist, so there is nobody to erase; "
            "run `hypnomart run` first."
        )
    moment = now or datetime.now(UTC).replace(tzinfo=None)
    return _erase(settings, moment, people_of=lambda con: ids_of(con, person))


def erase_closed(settings: Settings, *, as_of_at: datetime) -> int:
    """Erase everybody whose account was closed HYPNOMART_CLOSED_ACCOUNT_DAYS ago, by the clock of
    the data; returns how many. The file is rewritten only where there is somebody."""
    latest = as_of_at - timedelta(days=settings.closed_account_days)
    found = 0

    def closed(con: duckdb.DuckDBPyConnection) -> list[UUID]:
        nonlocal found
        people = closed_before(con, latest)
        found = len(people)
        return people

    _erase(settings, as_of_at, people_of=closed)
    return found


def _erase(
    settings: Settings,
    moment: datetime,
    *,
    people_of: Callable[[duckdb.DuckDBPyConnection], list[UUID]],
) -> Erasure:
    """Erase those whom a question to the open file names, in one transaction, and rewrite it.

    Publications come first, and what is committed is marked until the file is rewritten: wherever
    this is stopped, the next erasure or run does what is left.
    """
    mark = settings.warehouse.with_name(f"{settings.warehouse.name}{ERASING}")
    with warehouse_lock(settings.home):
        con = open_warehouse(settings.warehouse)
        try:
            con.begin()
            create_layout(con)
            people = people_of(con)
            done = replace_people(con, people, moment=moment) if people else Erasure({}, {})
            for schema in REBUILT if people else ():
                con.execute(f"drop schema if exists {schema} cascade")
            if people:
                words = con.execute("from words").fetchall()
                (erased,) = con.execute("select count(*) from meta.erased").fetchone() or (0,)
                with all_held(settings) as places:
                    files = [one for place in places for one in publication_files(place)]
                    rewrite_publications(files, words, erased=erased)
                mark.touch()
                synchronise(mark.parent)
            con.commit()
        except duckdb.Error as error:
            raise translated(error, "erasing") from None
        finally:
            con.close()
        if mark.exists():
            rewrite(settings.warehouse)
            for of_engine in settings.home.glob(f"{BUILT_BY}*"):
                shutil.rmtree(of_engine)
            if settings.cluster:
                spark_place(settings).forget(settings)
            sweep(settings)
            mark.unlink()
        return done


def sweep(settings: Settings) -> None:
    """Delete what killed runs left beside the working file and the published one."""
    folder, name = settings.warehouse.parent, settings.warehouse.name
    for leftover in {*folder.glob(f"{name}.first*"), *folder.glob(f"{name}*.tmp")}:
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()
    with all_held(settings) as places:
        for place in places:
            remove_leftovers(place)
    remove_temporary(settings)


def _uuid(user_id: UUID | str) -> UUID:
    if isinstance(user_id, UUID):
        return user_id
    try:
        return UUID(user_id)
    except ValueError:
        raise BadConfiguration(
            f"{user_id!r} is not a UUID; `hypnomart erase` takes the account's user_id."
        ) from None
