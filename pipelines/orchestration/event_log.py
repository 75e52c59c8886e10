"""Dagster's event log, on SQLite files as by default, but with connections that are kept.

Dagster makes an engine and a connection for each of a run's 2,300 events, asks the index several
times for each which tables, columns and indexes it has, and builds each statement anew: 9.8 ms an
event, a quarter of the processor time of a run of 5,000 users.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as db
from dagster._core.events import (
    ASSET_CHECK_EVENTS,
    ASSET_EVENTS,
    EVENT_TYPE_TO_PIPELINE_RUN_STATUS,
)
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    SqlEventLogStorageTable,
)
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._serdes import ConfigurableClassData

OPEN_FILES = 4  # a run's own, the index, and two that somebody looks at
SECONDS_TO_COMMIT = 0.2  # within which others see an event; a run's beginning and end at once
INSERT = SqlEventLogStorageTable.insert()
IN_INDEX = {*ASSET_EVENTS, *ASSET_CHECK_EVENTS, *EVENT_TYPE_TO_PIPELINE_RUN_STATUS}


class EventLog(SqliteEventLogStorage):
    """The default storage; `dagster.yaml` names it with the same config."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, db.Engine] = {}
        self._one_at_a_time = threading.RLock()
        self._begun: dict[str, db.Connection] = {}
        self._written: set[str] = set()  # of those begun, the ones that are committed together
        self._there: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> EventLog:
        """As the default storage does, but this one."""
        return cls(inst_data=inst_data, **config_value)

    def run_connection(self, run_id: str | None = None) -> Any:
        """A connection to the file of a run, in a transaction."""
        return self._kept(str(run_id))

    def index_connection(self) -> Any:
        """A connection to the file about all runs, in a transaction."""
        return self._kept(INDEX_SHARD_NAME)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table."""
        ask = super().has_table
        return self._is_there(table_name, lambda: ask(table_name))

    def has_secondary_index(self, name: str) -> bool:
        """Whether the index has a table that summarizes its events."""
        ask = super().has_secondary_index
        return self._is_there(name, lambda: ask(name))

    def has_asset_key_col(self, column_name: str) -> bool:
        """Whether the index has a column of assets."""
        ask = super().has_asset_key_col
        return self._is_there(f"column {column_name}", lambda: ask(column_name))

    def _has_asset_key_col_on_connection(self, conn: Any, column_name: str) -> bool:
        ask = super()._has_asset_key_col_on_connection
        return self._is_there(f"column {column_name}", lambda: ask(conn, column_name))

    def _is_there(self, name: str, ask: Callable[[], bool]) -> bool:
        """What the index once has, it keeps: not asked again for each event of a run."""
        if name not in self._there and ask():
            self._there.add(name)
        return name in self._there

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event in the file of its run, and in the index where it is about all runs."""
        self.store_event_batch([event])

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events of one run; those of a moment are committed together."""
        rows = [self._event_to_row(event) for event in events]
        with self._kept(events[0].run_id, written=True) as connection:
            connection.execute(INSERT, rows)
        indexed = [
            (event, row)
            for event, row in zip(events, rows, strict=True)
            if event.is_dagster_event and event.dagster_event_type in IN_INDEX
        ]
        if indexed:
            with self._kept(INDEX_SHARD_NAME, written=True) as connection:
                for event, row in indexed:
                    self._store_in_index(connection, event, row=row)
        if any(event.dagster_event_type in EVENT_TYPE_TO_PIPELINE_RUN_STATUS for event in events):
            self.commit()

    def _store_in_index(
        self, connection: db.Connection, event: EventLogEntry, *, row: dict[str, Any]
    ) -> None:
        event_id = connection.execute(INSERT, row).lastrowid
        if event.dagster_event_type in ASSET_EVENTS:
            self._store_asset_event_tags(connection, [event], [event_id])
            self._store_asset_event(connection, event, event_id)
        elif event.dagster_event_type in ASSET_CHECK_EVENTS:
            self.store_asset_check_event(event, event_id)

    def delete_events(self, run_id: str) -> None:
        """Forget a run: its file, and what the index says of it, checks included."""
        self.commit()
        if self.has_table("asset_check_executions"):
            checks = AssetCheckExecutionsTable
            with self.index_connection() as connection:
                connection.execute(checks.delete().where(checks.c.run_id == run_id))
        super().delete_events(run_id)
        with self._one_at_a_time:
            if engine := self._engines.pop(run_id, None):
                engine.dispose()
        for end in ("", "-wal", "-shm", "-journal"):
            Path(self.path_for_shard(run_id) + end).unlink(missing_ok=True)

    def dispose(self) -> None:
        """Close what is open."""
        with self._one_at_a_time:
            self.commit()
            for shard in list(self._engines):
                self._engines.pop(shard).dispose()
        super().dispose()

    def commit(self) -> None:
        """Have other processes see what was stored until now."""
        with self._one_at_a_time:
            while self._written:
                with self._begun.pop(self._written.pop()) as connection:
                    connection.commit()

    def _commit_late(self) -> None:
        with suppress(db.exc.SQLAlchemyError):  # a full disk: the run's own steps say so
            self.commit()

    @contextmanager
    def _kept(self, shard: str, *, written: bool = False) -> Iterator[db.Connection]:
        """A connection in the transaction that is begun, else in one of its own; what was `written`
        stays begun for a moment."""
        with self._one_at_a_time:
            if shard in self._begun:
                yield self._begun[shard]
            elif written:
                if not self._written:
                    timer = threading.Timer(SECONDS_TO_COMMIT, self._commit_late)
                    timer.daemon = True
                    timer.start()
                self._begun[shard] = self._engine(shard).connect()
                self._written.add(shard)
                yield self._begun[shard]
            else:
                try:
                    with self._engine(shard).begin() as self._begun[shard]:
                        yield self._begun[shard]
                finally:
                    self._begun.pop(shard, None)

    def _engine(self, shard: str) -> db.Engine:
        engine = self._engines.pop(shard, None) or self._opened(shard)
        self._engines[shard] = engine  # the one used last stands last
        if len(self._engines) > OPEN_FILES:
            self.commit()
        for oldest in list(self._engines)[:-OPEN_FILES]:
            self._engines.pop(oldest).dispose()
        return engine

    def _opened(self, shard: str) -> db.Engine:
        with super().run_connection(shard):  # creates the file and its tables
            pass
        engine = db.create_engine(
            self.conn_string_for_shard(shard),
            poolclass=db.StaticPool,
            connect_args={"timeout": 20, "check_same_thread": False},
        )
        db.event.listen(engine, "connect", _without_waiting)
        return engine


def _without_waiting(connection: Any, _: object) -> None:
    """A power cut may take the last events, which are a log; the file stays whole (WAL)."""
    connection.execute("pragma synchronous = normal")
