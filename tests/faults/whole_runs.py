"""Commands as whole processes that may be killed, and what they leave behind in words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from models.quoting import literal, quoted
from pipelines.base.run_record import last_run
from pipelines.base.settings import Settings
from pipelines.publication.publish import published_run
from pipelines.transform.content import table_word

HYPNOMART = Path(sys.executable).with_name("hypnomart")
# What tells runs apart that read the same source at the same time, and no more than that.
OF_A_RUN = {
    "run_id", "previous_run_id", "started_at", "finished_at", "checked_at", "seconds",
    "changed_rows", "deleted_rows", "content_id",
}  # fmt: skip
# What tells it from the publication before, which a killed run may itself have made.
OF_THE_ONE_BEFORE = ["restatements", "sync_freshness_history"]
LONGEST = 900.0  # seconds that a run may take where others work beside it


class Command:
    """A command in a process group of its own, on a home of a test's own."""

    def __init__(
        self,
        settings: Settings,
        *arguments: str,
        within: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.settings = settings
        self.before = self.written_at()
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HYPNOMART_")}
        self.process = subprocess.Popen(
            [*within, str(HYPNOMART), *arguments],
            env={
                **kept,
                "HYPNOMART_HOME": str(settings.home),
                "HYPNOMART_REPORTS": str(settings.reports_dir),
                "HYPNOMART_SOURCE_URL": str(settings.source_url),
                **(environment or {}),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def written_at(self) -> int | None:
        """When the record of the last attempt was written."""
        path = self.settings.last_run
        return path.stat().st_mtime_ns if path.exists() else None

    def running(self) -> str:
        """The step that began last, by the record that this process writes; `start` before the
        extraction."""
        record = last_run(self.settings)
        if record is None or self.written_at() == self.before:
            return "start"
        steps = record["steps"]
        newest = max(entry["started_at"] for entry in steps.values())
        last = [name for name, entry in steps.items() if entry["started_at"] == newest][-1]
        return "start" if last == "source" else str(last)

    def wait_for(self, step: str) -> None:
        """Until the step has begun, or the process has ended."""
        end = time.monotonic() + LONGEST
        while self.running() != step and self.process.poll() is None:
            assert time.monotonic() < end, f"{step} never began"
            time.sleep(0.02)

    def kill(self) -> bool:
        """SIGKILL to the whole process group; whether it still ran."""
        was_running = self.process.poll() is None
        if was_running:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate(timeout=60)
        return was_running

    def end(self) -> tuple[int, str]:
        """Wait for it: exit code and output."""
        output, _ = self.process.communicate(timeout=LONGEST)
        return self.process.returncode, output


def published_words(settings: Settings) -> dict[str, str]:
    """By table the word of what the published file holds of its newest run. Raises where the file
    cannot be opened."""
    run_id = published_run(settings.published)
    words = {}
    with duckdb.connect() as con:
        con.execute(f"attach {literal(str(settings.published))} as p (read_only)")
        columns: dict[str, list[str]] = {}
        for table, column in con.execute(
            "select table_name, column_name from duckdb_columns() "
            "where database_name = 'p' and schema_name = 'main' "
            "and not list_contains(?, table_name) order by column_index",
            [OF_THE_ONE_BEFORE],
        ).fetchall():
            columns.setdefault(table, []).append(column)
        for table, names in sorted(columns.items()):
            kept = ", ".join(quoted(name) for name in names if name not in OF_A_RUN)
            own = f" where run_id = {literal(str(run_id))}" if "run_id" in names else ""
            con.execute(
                f"create or replace temp table held as select {kept} from p.{quoted(table)}{own}"
            )
            words[table] = table_word(con, "held")
    return words
