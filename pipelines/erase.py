"""Erase people from the files: random words in the place of what leads to them.

Rows, money, periods, credits and counts stay, so that no figure moves; the words that replace
others, and what is kept of those, are told in pipelines/extract/state/words.py.
"""

from __future__ import annotations

import secrets
import shutil
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import duckdb

from models.counting import counted
from models.errors import BadConfiguration, ChecksFailed, HypnomartError
from models.quoting import literal, quoted
from models.tables import TABLES, Table
from pipelines.erased_files import rewrite, rewrite_publications
from pipelines.extract.source.faults import translated
from pipelines.extract.state.erased import forget as forget_words
from pipelines.extract.state.erased import salt_of
from pipelines.extract.state.layout import create_layout
from pipelines.extract.state.words import (
    cleared,
    codes_of_nobody,
    kinds_in,
    kinds_of,
    owned,
    plain,
    replaced,
    salted,
)
from pipelines.extract.state.working_file import open_warehouse
from pipelines.lock import warehouse_lock
from pipelines.publications import kept_files
from pipelines.publish import remove_leftovers
from pipelines.settings import Settings
from pipelines.target_settings import places

# Built anew from raw and history by `build`, and dropped until then.
REBUILT = ("marts", "intermediate", "staging", "seeds")
ERASED_ALREADY = "select user_id from meta.erased"
# The words of one erasure: what stood there, and what stands there now.
WORDS = "create or replace temp table words (kind VARCHAR, plain VARCHAR, word VARCHAR)"
PERSONS = "select plain::UUID from words where kind = 'person'"
RENAMED = "select word::UUID from words where kind = 'person'"


@dataclass(frozen=True)
class Erasure:
    """Rows of raw and versions of past that now stand under random words, by table; only tables
    that held some."""

    raw: dict[str, int]
    history: dict[str, int]


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

    def ids(con: duckdb.DuckDBPyConnection) -> list[UUID]:
        found = con.execute(f"{SAME_PERSON} select other_id from same", {"people": [person]})
        return [other for (other,) in found.fetchall()]

    return _erase(settings, moment, ids)


def erase_closed(settings: Settings, *, as_of_at: datetime) -> int:
    """Erase everybody whose account was closed HYPNOMART_CLOSED_ACCOUNT_DAYS ago, by the clock of
    the data; returns how many. The file is rewritten only where there is somebody."""
    latest = as_of_at - timedelta(days=settings.closed_account_days)
    found = 0

    def closed(con: duckdb.DuckDBPyConnection) -> list[UUID]:
        nonlocal found
        gone = con.execute(GONE).fetchall()
        ids = {"people": [person for (person,) in gone]}
        people = con.execute(CLOSED, {"latest": latest, **ids}).fetchall() if gone else []
        found = len(people)
        return [person for (person,) in people]

    _erase(settings, as_of_at, closed)
    return found


GONE = """
    select distinct user_id from past.user_profile
    where _op = 'delete' and user_id not in (select user_id from raw.user_profile)
    and user_id not in (select user_id from meta.erased)
"""
# Each of $people with every id of the same person: profiles that had the same time of creation and,
# at any time, the same code (stg_rekeyed_users).
SAME_PERSON = """
    with recursive profiles as (
        select user_id, created_at, lower(trim(referral_code)) as code from raw.user_profile
        union
        select user_id, created_at, lower(trim(referral_code)) from past.user_profile
    ),
    same as (
        select person as user_id, person as other_id from unnest($people::uuid[]) as t(person)
        union
        select same.user_id, theirs.user_id
        from same
        inner join profiles as mine on same.other_id = mine.user_id
        inner join profiles as theirs
            on mine.created_at = theirs.created_at and mine.code = theirs.code and mine.code <> ''
    )
"""
# A person one of whose profiles stands has not closed the account; else the last one to go counts.
CLOSED = f"""
    {SAME_PERSON}
    select same.user_id
    from same
    left join raw.user_profile as standing on same.other_id = standing.user_id
    left join past.user_profile as gone on same.other_id = gone.user_id and gone._op = 'delete'
    group by same.user_id
    having count(standing.user_id) = 0 and max(gone._seen_at) <= $latest
    order by same.user_id
"""


def _erase(
    settings: Settings,
    moment: datetime,
    people_of: Callable[[duckdb.DuckDBPyConnection], list[UUID]],
) -> Erasure:
    """Erase those whom a question to the open file names, in one transaction, and rewrite it."""
    with warehouse_lock(settings.home):
        con = open_warehouse(settings.warehouse)
        try:
            con.begin()
            create_layout(con)
            people = people_of(con)
            done = _replace(con, people, moment) if people else Erasure({}, {})
            words = con.execute("from words").fetchall() if people else []
            for schema in REBUILT if people else ():
                con.execute(f"drop schema if exists {schema} cascade")
            con.commit()
        except duckdb.Error as error:
            raise translated(error, "erasing") from None
        finally:
            con.close()
        if people:
            rewrite(settings.warehouse)
            sweep(settings)
            rewrite_publications(kept_files(settings), words)
        return done


def erase_and_republish(
    settings: Settings, user_id: UUID | str, *, progress: Callable[[str], None]
) -> None:
    """Erase, then build, check and publish, so that the person is gone from every file at once.

    Raises ChecksFailed where the newest data cannot be published: the person is then gone from
    the working file, and still in the publication that stands. Reports written before are files
    of their own, handed on perhaps: they are named, not changed.
    """
    from pipelines import steps
    from pipelines.build import refuse_unbuilt

    with warehouse_lock(settings.home):
        done = erase(settings, user_id)
        progress(
            f"random words in {counted(sum(done.raw.values()), 'row')} and "
            f"{counted(sum(done.history.values()), 'version')}"
        )
        run_id = steps.newest_run_id(settings)
        refuse_unbuilt(steps.build_step(settings, run_id, progress=progress))
        results = steps.check_step(settings, run_id, progress=progress)
        try:
            steps.refuse_errors(results)
        except ChecksFailed as error:
            raise ChecksFailed(
                f"{error} The person is gone from the working file, and still in the publication."
            ) from error
        steps.publish_step(settings, run_id)
        if days := earlier_reports(settings.reports_dir):
            progress(
                f"{settings.reports_dir} holds reports of {', '.join(days)}, written before, which "
                "may still name the person: delete them, then run `hypnomart report`"
            )
        _reach_engines(settings, run_id, progress)


def _reach_engines(settings: Settings, run_id: str, progress: Callable[[str], None]) -> None:
    """Bring the publication without the person to every engine, also where others are brought by
    hand: one that names the person stands there perhaps."""
    from pipelines import steps

    try:
        steps.reach(settings, run_id, places(settings), progress=progress)
    except HypnomartError as error:
        raise type(error)(f"{error} The person is gone from the files, and still there.") from error


def earlier_reports(folder: Path) -> list[str]:
    """The days whose reports hold exports by person."""
    return sorted(path.parent.name for path in folder.glob("*/manifest.json"))


def sweep(settings: Settings) -> None:
    """Delete what killed runs left beside the working file and the published one."""
    folder, name = settings.warehouse.parent, settings.warehouse.name
    for leftover in {*folder.glob(f"{name}.first*"), *folder.glob(f"{name}*.tmp")}:
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()
    remove_leftovers(settings.published.parent)


def _replace(con: duckdb.DuckDBPyConnection, people: Sequence[UUID], moment: datetime) -> Erasure:
    con.execute(WORDS)
    _name(con, people)
    _gather(con)
    _remove_elsewhere(con)
    raw: dict[str, int] = {}
    history: dict[str, int] = {}
    counts = {"raw": raw, "past": history}
    places = [(schema, t) for t in TABLES for schema in _schemas(t)]
    for schema, table in places:
        condition = owned(table, PERSONS)
        if condition and (count := _count(con, f"{schema}.{quoted(table.name)}", condition)):
            counts[schema][table.name] = count
    for schema, table in places:
        target = f"{schema}.{quoted(table.name)}"
        for column, kind in kinds_of(table).items():
            name = quoted(column)
            con.execute(
                f"update {target} as t set {name} = {replaced(kind, f't.{name}', 'w.word')} "
                f"from words as w where w.kind = {literal(kind)} "
                f"and w.plain = {plain(kind, f't.{name}')}"
            )
        for statement in cleared(table, target, RENAMED):
            con.execute(statement)
    salt = {"salt": salt_of(con)}
    con.execute(
        f"insert into meta.erased_words select kind, {salted('plain')}, word from words", salt
    )
    con.execute(
        "insert into meta.erased select word::UUID, ? from words where kind = 'person'", [moment]
    )
    forget_words(con)
    return Erasure(raw, history)


def _name(con: duckdb.DuckDBPyConnection, people: Sequence[UUID]) -> None:
    """Of people those of whom any table holds a row get their random ids."""
    con.execute("create or replace temp table asked (user_id UUID)")
    con.executemany("insert into asked values (?)", [[person] for person in people])
    mentions = " union ".join(
        f"select {quoted(column)} from {schema}.{quoted(table.name)}"
        for table in TABLES
        for schema in _schemas(table)
        for column in kinds_in(kinds_of(table), "person")
    )
    found = con.execute(
        f"select user_id from asked where user_id in ({mentions}) "
        f"and user_id not in ({ERASED_ALREADY}) order by 1"
    ).fetchall()
    for (person,) in found:
        con.execute("insert into words values ('person', ?, ?)", [str(person), str(uuid.uuid4())])


def _gather(con: duckdb.DuckDBPyConnection) -> None:
    """The order numbers, token hashes and codes of the people in `words`, each with a new word.

    A code that is a discount's or a partner's too is not theirs alone, and stays.
    """
    sources: dict[str, list[str]] = {"order": [], "token": [], "code": []}
    for table in TABLES:
        condition = owned(table, PERSONS)
        for column, kind in kinds_of(table).items() if condition else ():
            if kind == "person" or column == "referred_by_code":
                continue
            for schema in _schemas(table):
                sources[kind].append(
                    f"select {plain(kind, quoted(column))} as plain "
                    f"from {schema}.{quoted(table.name)} where {condition}"
                )
    for kind, queries in sources.items():
        taken = f"select {plain(kind, 'word')} from meta.erased_words where kind = {literal(kind)}"
        others = f"and plain not in ({codes_of_nobody()}) " if kind == "code" else ""
        found = con.execute(
            f"select distinct plain from ({' union all '.join(queries)}) where plain is not null "
            f"and plain not in ({taken}) {others}order by 1"
        ).fetchall()
        for (text,) in found:
            con.execute("insert into words values (?, ?, ?)", [kind, text, _word(con, kind)])


def _word(con: duckdb.DuckDBPyConnection, kind: str) -> str:
    """A random word of its kind; a code has the form that codes have, and is nobody's."""
    if kind != "code":
        return f"ERASED-{secrets.token_hex(16).upper()}"
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    while True:
        word = "U" + "".join(secrets.choice(letters) for _ in range(6))
        found = con.execute(
            "select 1 from raw.user_profile where lower(trim(referral_code)) = lower($word) union "
            "select 1 from past.user_profile where lower(trim(referral_code)) = lower($word)",
            {"word": word},
        ).fetchone()
        if not found:
            return word


def _schemas(table: Table) -> tuple[str, ...]:
    return ("raw", "past") if table.has_history else ("raw",)


def _count(con: duckdb.DuckDBPyConnection, source: str, condition: str) -> int:
    found = con.execute(f"select count(*) from {source} where {condition}").fetchone()
    return int(found[0]) if found else 0


def _remove_elsewhere(con: duckdb.DuckDBPyConnection) -> None:
    """Rows of any other kept table, such as findings of checks, that name one of the words; the
    next run writes them anew."""
    own = {*REBUILT, "raw", "past", "history", "meta"}
    found = con.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = current_database() and not temporary order by all"
    ).fetchall()
    for schema, table in found:
        if schema not in own:
            con.execute(
                f"delete from {quoted(schema)}.{quoted(table)} as t where exists ("
                "select 1 from words where contains(lower(t::VARCHAR), lower(words.plain)))"
            )


def _uuid(user_id: UUID | str) -> UUID:
    if isinstance(user_id, UUID):
        return user_id
    try:
        return UUID(user_id)
    except ValueError:
        raise BadConfiguration(
            f"{user_id!r} is not a UUID; `hypnomart erase` takes the account's user_id."
        ) from None
