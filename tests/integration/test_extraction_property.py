"""Random operations on all 21 tables, from several connections, between extractions."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from models.tables import TABLES, Table
from pipelines.extract.run import extract
from tests.source_oracle import Recorder
from tests.source_rows import insert, random_row
from tests.warehouse import settings_at

Connection = psycopg.Connection[Any]
HASH_KEY = "a key for tests"
REWRITES = ("truncate", "vacuum_full", "cluster", "freeze")


def a_key(conn: Connection, table: Table, chance: random.Random) -> Any:
    """The key of some row that the connection sees, or None."""
    (name,) = table.key
    found = conn.execute(f"select {name} from public.{table.name} order by 1").fetchall()
    return chance.choice(found)[0] if found else None


def do_insert(conn: Connection, table: Table, chance: random.Random) -> None:
    insert(conn, table, random_row(table, chance))


def do_copy(conn: Connection, table: Table, chance: random.Random) -> None:
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    statement = sql.SQL("copy public.{} ({}) from stdin").format(sql.Identifier(table.name), names)
    with conn.cursor().copy(statement) as copy:
        for _ in range(3):
            copy.write_row(list(random_row(table, chance).values()))


def do_update(conn: Connection, table: Table, chance: random.Random) -> None:
    (key,) = table.key
    row = random_row(table, chance)
    changed = chance.sample(sorted(row), k=min(3, len(row)))
    items = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder())
        for name in changed
        if name != key
    )
    if names := [name for name in changed if name != key]:
        statement = sql.SQL("update public.{} set {} where {} = %s").format(
            sql.Identifier(table.name), items, sql.Identifier(key)
        )
        conn.execute(statement, [*(row[name] for name in names), a_key(conn, table, chance)])


def do_nothing(conn: Connection, table: Table, chance: random.Random) -> None:
    (key,) = table.key
    conn.execute(
        f"update public.{table.name} set {key} = {key} where {key} = %s",
        [a_key(conn, table, chance)],
    )


def do_delete(conn: Connection, table: Table, chance: random.Random) -> None:
    (key,) = table.key
    conn.execute(f"delete from public.{table.name} where {key} = %s", [a_key(conn, table, chance)])


def do_rekey(conn: Connection, table: Table, chance: random.Random) -> None:
    (key,) = table.key
    conn.execute(
        f"update public.{table.name} set {key} = %s where {key} = %s",
        [random_row(table, chance)[key], a_key(conn, table, chance)],
    )


def do_leave_and_return(conn: Connection, table: Table, chance: random.Random) -> None:
    """Delete and insert again in one go: the row is there, as another tuple."""
    (key,) = table.key
    chosen = a_key(conn, table, chance)
    conn.execute(
        f"with gone as (delete from public.{table.name} where {key} = %s returning *) "
        f"insert into public.{table.name} select * from gone",
        [chosen],
    )


def do_savepoint(conn: Connection, table: Table, chance: random.Random) -> None:
    """A subtransaction that stays and one that is rolled back."""
    with conn.transaction():
        do_insert(conn, table, chance)
    with conn.transaction(force_rollback=True):
        do_update(conn, table, chance)
        do_delete(conn, table, chance)


OPERATIONS: dict[str, Callable[[Connection, Table, random.Random], None]] = {
    "insert": do_insert,
    "copy": do_copy,
    "update": do_update,
    "nothing": do_nothing,
    "delete": do_delete,
    "rekey": do_rekey,
    "leave_and_return": do_leave_and_return,
    "savepoint": do_savepoint,
}


def rewrite(url: str, table: Table, how: str) -> None:
    """Statements that rewrite or empty a table, on a connection of their own."""
    statement = {
        "truncate": f"truncate public.{table.name} cascade",
        "vacuum_full": f"vacuum full public.{table.name}",
        "cluster": f"cluster public.{table.name} using {table.name}_pkey",
        "freeze": f"vacuum (freeze) public.{table.name}",
    }[how]
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("set lock_timeout = '50ms'")
        conn.execute(statement)


def play(url: str, connections: list[Connection], step: dict[str, Any]) -> None:
    """One step; a conflict with another connection rolls back, as it would in life."""
    table, chance = TABLES[step["table"]], random.Random(step["seed"])
    conn = connections[step["connection"]]
    try:
        if step["operation"] in REWRITES:
            rewrite(url, table, step["operation"])
            return
        OPERATIONS[step["operation"]](conn, table, chance)
        if step["end"] == "commit":
            conn.commit()
        elif step["end"] == "rollback":
            conn.rollback()
    except psycopg.Error:
        conn.rollback()


STEPS = st.fixed_dictionaries(
    {
        "table": st.integers(0, len(TABLES) - 1),
        "operation": st.sampled_from([*OPERATIONS, *REWRITES]),
        "connection": st.integers(0, 2),
        "seed": st.integers(0, 2**32),
        "end": st.sampled_from(["commit", "commit", "rollback", "stay open"]),
    }
)
ROUNDS = st.lists(st.tuples(st.lists(STEPS, max_size=25), st.booleans()), min_size=1, max_size=4)


@pytest.mark.slow
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rounds=ROUNDS)
def test_raw_equals_the_source_and_history_the_recorded_sequence(
    source_url: str, rounds: list[tuple[list[dict[str, Any]], bool]]
) -> None:
    with psycopg.connect(source_url) as conn:
        conn.execute("truncate " + ", ".join(f"public.{t.name}" for t in TABLES) + " cascade")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        home = settings_at(folder, hash_key=HASH_KEY)
        connections = [stack.enter_context(psycopg.connect(source_url)) for _ in range(3)]
        for conn in connections:
            conn.execute("set session_replication_role = replica")
            conn.execute("set lock_timeout = '50ms'")
            conn.commit()
        recorder = Recorder(source_url, HASH_KEY)
        chance = random.Random(len(rounds))
        for table in TABLES:
            for _ in range(4):
                do_insert(connections[0], table, chance)
        connections[0].commit()
        for number, (steps, full_refresh) in enumerate([([], False), *rounds]):
            for step in steps:
                play(source_url, connections, step)
            done = extract(
                home,
                source_url=source_url,
                run_id=f"run-{number}",
                full_refresh=full_refresh,
                progress=lambda _: None,
            )
            recorder.see(done.as_of_at)
            recorder.compare(home.warehouse)
        for conn in connections:
            conn.rollback()
