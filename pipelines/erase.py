"""Erase a person from the warehouse: raw, history, findings, and the bytes of the file.

Kept is a salted hash, by which later extractions leave the person out as long as the source
still holds them (pipelines/extract/erased.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import duckdb

from models.errors import BadConfiguration, ChecksFailed
from models.tables import Table
from pipelines.extract.bookkeeping import create_own_tables
from pipelines.extract.connection import open_beside, open_warehouse, translated
from pipelines.extract.delta import SUMMED
from pipelines.extract.erased import INDIRECT, MENTIONS, in_order, key_hash, salt_of, salted
from pipelines.extract.plan import literal, quoted
from pipelines.files import take_place
from pipelines.lock import warehouse_lock
from pipelines.publish import remove_leftovers
from pipelines.settings import Settings

# Built anew from raw and history by `build`, and dropped until then.
REBUILT = ("marts", "intermediate", "staging", "seeds")


@dataclass(frozen=True)
class Erasure:
    """Rows taken out of raw and of history, by table; only tables that held some."""

    raw: dict[str, int]
    history: dict[str, int]


def erase(settings: Settings, user_id: UUID | str, *, now: datetime | None = None) -> Erasure:
    """Remove a person and rewrite the working file; its marts are gone until the next build.

    Also right for somebody of whom nothing is held: later extractions will leave them out.
    Raises BadConfiguration, WarehouseLocked or HypnomartError; the file is then as before.
    """
    person = _uuid(user_id)
    if not settings.warehouse.exists():
        raise BadConfiguration(
            f"{settings.warehouse} does not exist, so there is nobody to erase; "
            "run `hypnomart run` first."
        )
    moment = now or datetime.now(UTC).replace(tzinfo=None)
    with warehouse_lock(settings.home):
        con = open_warehouse(settings.warehouse)
        try:
            con.begin()
            create_own_tables(con)
            done = _remove(con, person, moment)
            con.execute("delete from meta.held")  # raw.* is less now; the next extraction counts
            for schema in REBUILT:
                con.execute(f"drop schema if exists {schema} cascade")
            con.commit()
        except duckdb.Error as error:
            raise translated(error, "erasing") from None
        finally:
            con.close()
        rewrite(settings.warehouse)
        sweep(settings)
        return done


def erase_and_republish(
    settings: Settings, user_id: UUID | str, *, progress: Callable[[str], None]
) -> None:
    """Erase, then build, check and publish, so that the person is gone from every file at once.

    Raises ChecksFailed where the newest data cannot be published: the person is then gone from
    the working file, and still in the publication that stands. Reports written before are files
    of their own, handed on perhaps: they are named, not changed.
    """
    from pipelines import steps, transform

    with warehouse_lock(settings.home):
        done = erase(settings, user_id)
        progress(f"erased {sum(done.raw.values())} rows and {sum(done.history.values())} versions")
        run_id = steps.newest_run_id(settings)
        transform.refuse_unbuilt(steps.build_step(settings, run_id, progress=progress))
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
            f"{settings.reports_dir} holds reports of {', '.join(days)}, written before, which may "
            "still name the person: delete them, then run `hypnomart report`"
        )


def earlier_reports(folder: Path) -> list[str]:
    """The days whose reports hold exports by person."""
    return sorted(path.parent.name for path in folder.glob("*/manifest.json"))


def rewrite(path: Path) -> None:
    """Copy a DuckDB file into a fresh one and rename it over the old: freed blocks still hold
    deleted rows, a fresh file never did."""
    fresh = path.with_name(f"{path.name}.rewritten")
    for leftover in (fresh, Path(f"{fresh}.wal")):
        leftover.unlink(missing_ok=True)
    con = open_beside(fresh)
    try:
        con.execute(f"attach {literal(str(path))} as old (read_only)")
        con.execute("copy from database old to warehouse")
        con.execute("detach warehouse")
        con.execute("detach old")
    except duckdb.Error as error:
        fresh.unlink(missing_ok=True)
        raise translated(error, f"rewriting {path}") from None
    finally:
        con.close()
    take_place(fresh, path)


def sweep(settings: Settings) -> None:
    """Delete what killed runs left beside the working file and the published one."""
    folder, name = settings.warehouse.parent, settings.warehouse.name
    for leftover in {*folder.glob(f"{name}.first*"), *folder.glob(f"{name}*.tmp")}:
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()
    remove_leftovers(settings.published.parent)


def _remove(con: duckdb.DuckDBPyConnection, person: UUID, moment: datetime) -> Erasure:
    salt = salt_of(con)
    raw: dict[str, int] = {}
    history: dict[str, int] = {}
    for table in reversed(in_order()):  # what is reached through a table goes before that table
        condition = belonging(table)
        if not condition:
            continue
        _remember(con, table, condition, person, salt)
        _subtract(con, table, condition, person)
        if table.has_history:
            if count := _count(con, f"history.{quoted(table.name)}", condition, person):
                history[table.name] = count
            _delete(con, f"past.{quoted(table.name)}", condition, person)
        if count := _delete(con, f"raw.{quoted(table.name)}", condition, person):
            raw[table.name] = count
    for name, columns in MENTIONS.items():
        for schema in ("raw", "past"):
            for column in map(quoted, columns):
                con.execute(
                    f"update {schema}.{quoted(name)} set {column} = null where {column} = $person",
                    {"person": person},
                )
    _remove_elsewhere(con, person)
    con.execute(
        "insert into meta.erased_persons "
        f"select {salted('$person::UUID')} as person_hash, $moment where person_hash not in "
        "(select person_hash from meta.erased_persons)",
        {"salt": salt, "person": person, "moment": moment},
    )
    return Erasure(raw, history)


def belonging(table: Table) -> str:
    """DuckDB: whether a row of raw or history is the person's; empty for tables of nobody."""
    if table.name in INDIRECT:
        column, owner = INDIRECT[table.name]
        owned = " union ".join(
            f"select id from {place}.{quoted(owner)} where user_id = $person"
            for place in ("raw", "history")
        )
        return f"{quoted(column)} in ({owned})"
    return "user_id = $person" if any(c.name == "user_id" for c in table.columns) else ""


def _count(con: duckdb.DuckDBPyConnection, source: str, condition: str, person: UUID) -> int:
    sql = f"select count(*) from {source} where {condition}"
    found = con.execute(sql, {"person": person}).fetchone()
    return int(found[0]) if found else 0


def _delete(con: duckdb.DuckDBPyConnection, target: str, condition: str, person: UUID) -> int:
    done = con.execute(f"delete from {target} where {condition}", {"person": person}).fetchone()
    return int(done[0]) if done else 0


def _remember(
    con: duckdb.DuckDBPyConnection, table: Table, condition: str, person: UUID, salt: str
) -> None:
    """What the source still holds of them, as salted hashes, for the audit of both sides."""
    con.execute(
        f"insert into meta.suppressed_rows select {literal(table.name)}, "
        f"{key_hash(table, '')}, _xmin from raw.{quoted(table.name)} where {condition}",
        {"person": person, "salt": salt},
    )


def _subtract(con: duckdb.DuckDBPyConnection, table: Table, condition: str, person: UUID) -> None:
    """Take their rows and amounts out of what the newest run counted, so that it still agrees."""
    newest = (
        "run_id = (select run_id from meta.run_manifest "
        "order by as_of_at desc, run_id desc limit 1)"
    )
    measures = {"rows": "count(*)"}
    measures |= {f"sum_{c}": f"coalesce(sum({quoted(c)}), 0)" for c in SUMMED.get(table.name, ())}
    items = ", ".join(f"{sql}::DECIMAL(38,9)" for sql in measures.values())
    found = con.execute(
        f"select {items} from raw.{quoted(table.name)} where {condition}", {"person": person}
    ).fetchone()
    values = dict(zip(measures, found or (), strict=True))
    for measure, value in values.items():
        con.execute(
            f"update meta.source_totals set value = value - $value where {newest} "
            "and table_name = $name and measure = $measure",
            {"value": Decimal(value), "name": table.name, "measure": measure},
        )
    con.execute(
        "update meta.run_manifest set source_rows = source_rows - $value, "
        f"warehouse_rows = warehouse_rows - $value where {newest} and table_name = $name",
        {"value": int(values["rows"]), "name": table.name},
    )


def _remove_elsewhere(con: duckdb.DuckDBPyConnection, person: UUID) -> None:
    """Rows of any other kept table, such as findings of checks, that name the person."""
    own = {*REBUILT, "raw", "past", "history", "meta"}
    found = con.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = current_database() and not temporary order by all"
    ).fetchall()
    for schema, table in found:
        if schema not in own:
            name = f"{quoted(schema)}.{quoted(table)}"
            con.execute(
                f"delete from {name} as t where contains(lower(t::VARCHAR), $person)",
                {"person": str(person)},
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
