"""Fill an empty source with a simulated business, or let the one that is there live on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from models.counting import counted
from models.errors import BadConfiguration, SourceUnavailable
from models.simulation.batches import all_written, written
from models.simulation.engine.changes import apply_changes, changes_between
from models.simulation.engine.marker import Marker, require_empty, require_marker, write_marker
from models.simulation.engine.write import copy_piece, pieces_ahead, rewards_by_hand, table_name
from models.simulation.parameters import Params, seconds_of
from models.simulation.planting import planted_kinds
from models.simulation.scenario import SCENARIO_DAYS
from models.simulation.tables import Tables, load_order
from models.simulation.truth_files import TruthFiles
from models.simulation.world import BATCH, World, world_at

Progress = Callable[[str], None]
LEVELS = ("none", "typical", "all")
SHORTEST_DAYS = SCENARIO_DAYS + 80  # by then 5,000 users have enough people for every kind


def simulate(
    url: str,
    *,
    users: int,
    days: int,
    seed: int,
    until: date,
    faults: str = "typical",
    truth_dir: Path,
    progress: Progress,
) -> dict[str, int]:
    """Fill an empty source in one transaction; returns the rows of each table.

    Raises BadConfiguration where the source holds anything, SourceUnavailable where it refuses.
    """
    params = checked(users, days, seed=seed, until=until, faults=faults)
    with transaction(url) as conn:
        require_empty(conn)
        world = world_at(params, params.opened)
        written: Counter[str] = Counter()
        truth = TruthFiles()
        with rewards_by_hand(conn):
            for part in pieces_ahead(told(world, truth, progress=progress)):
                copy_piece(conn, table_name(part.table), part=part)
                written[part.table] += part.rows
        write_marker(conn, Marker(params, until))
    truth.write(truth_dir, world)
    refresh_statistics(url)
    return {table: written[table] for table in load_order() if "." not in table}


def advance(url: str, *, days: int, truth_dir: Path, progress: Progress) -> dict[str, int]:
    """Write what the next days bring: new, changed and deleted rows; returns rows touched.

    Raises BadConfiguration where the simulator did not fill the source.
    """
    if days < 1:
        raise BadConfiguration(f"--advance is {days}; use a number of days from 1 on.")
    touched: Counter[str] = Counter()
    truth = TruthFiles()
    with transaction(url) as conn:
        mark = require_marker(conn)
        until = mark.until + timedelta(days=days)
        before = world_at(mark.params, seconds_of(mark.until))
        after = world_at(mark.params, seconds_of(until))
        with rewards_by_hand(conn):
            for number in range(after.batches):
                old = written(before, number).rows if number < before.batches else {}
                new = written(after, number)
                truth.add(new.truth)
                found = changes_between(old, new.rows)
                touched.update(apply_changes(conn, found))
                progress(f"{until}: batch {number + 1} of {after.batches}")
        write_marker(conn, Marker(mark.params, until))
    truth.write(truth_dir, after)
    return {table: touched[table] for table in load_order() if "." not in table}


def checked(users: int, days: int, *, seed: int, until: date, faults: str) -> Params:
    """The arguments, or BadConfiguration naming the one that is unusable."""
    if not 1 <= users <= 5_000_000:
        raise BadConfiguration(f"--users is {users}; use a number from 1 to 5,000,000.")
    if not 1 <= days <= 5_475:
        raise BadConfiguration(f"--days is {days}; use a number from 1 to 5,475, 15 years.")
    if faults not in LEVELS:
        raise BadConfiguration(f"--faults is {faults!r}; use one of {', '.join(LEVELS)}.")
    return Params(users, days, seed, until, faults)


def told(world: World, truth: TruthFiles, *, progress: Progress) -> Iterator[Tables]:
    """The rows of all batches, their truth put aside, with a word after each."""
    for number, part in enumerate(all_written(world), start=1):
        truth.add(part.truth)
        yield part.rows
        users = len(world.people)
        progress(f"{min(number * BATCH, users):,} of {counted(users, 'user')}")
        if "faults" in part.truth:
            progress(told_faults(world.params, part.truth["faults"]["kind"].n_unique()))


def told_faults(params: Params, planted: int) -> str:
    """How many kinds found their people, and why not all."""
    asked = len(planted_kinds(params.faults))
    told = f"{planted} of {counted(asked, 'kind')} of faults planted"
    if planted == asked:
        return told
    if params.days <= SCENARIO_DAYS:
        return (
            f"{told}: the scenario of a fault takes {SCENARIO_DAYS} days from a sign-up on, "
            f"and --days is {params.days}; use {SHORTEST_DAYS} or more"
        )
    return f"{told}; the others need more users or more days"


@contextmanager
def transaction(url: str) -> Iterator[psycopg.Connection]:
    """One transaction in UTC; whatever PostgreSQL refuses becomes SourceUnavailable. A second
    simulation of the same source waits for the first."""
    try:
        with psycopg.connect(url, application_name="hypnomart simulate") as conn:
            conn.execute("set local timezone = 'UTC'")
            conn.execute("set local synchronous_commit = off")
            conn.execute("select pg_advisory_xact_lock(hashtext('hypnomart simulate'))")
            yield conn
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise SourceUnavailable(f"The simulation was not written: {reason}.") from error


def refresh_statistics(url: str) -> None:
    """Let the planner know what was written."""
    with psycopg.connect(url, autocommit=True) as conn:
        for table in load_order():
            conn.execute(sql.SQL("analyze {}").format(table_name(table)))
