"""How many times faster than dlt the extraction loads the largest table, measured in one run.

    python -m tests.benchmarks.against_dlt [--rows 3000000] [--backends pyarrow,connectorx]

Both read audio_usage of the same server, which has no other rows, into a new DuckDB file. dlt
lives in a virtual environment made for the run; of its time only `pipeline.run` counts, of ours
the whole extraction. The least of repeated times counts, and of dlt's backends the fastest.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import duckdb
from psycopg.conninfo import conninfo_to_dict

from models.apply import apply_schema
from models.tables import TABLES_BY_NAME
from pipelines.base.embedded import start_server, stop_server, wheel_programs
from pipelines.extract.run import extract
from tests.benchmarks.extraction import generate, least
from tests.warehouse import settings_at

TABLE = TABLES_BY_NAME["audio_usage"]
LIMIT = 15  # times faster than dlt, as promised
LOADER = Path(__file__).with_name("dlt_load.py")
BACKENDS = ("pyarrow", "connectorx", "pandas", "sqlalchemy")
PACKAGES = (
    "dlt[duckdb,sql_database]==1.31.0",
    f"duckdb=={duckdb.__version__}",
    "connectorx==0.4.6",
    "numpy==2.4.6",
    "pandas==3.1.1",
    "psycopg2-binary==2.9.13",
    "pyarrow==26.0.1",
    "sqlalchemy==2.1.9",
)


class NotMeasured(Exception):
    """A backend of dlt, or dlt itself, did not work; the reason in one line."""


@dataclass(frozen=True)
class Measured:
    """Seconds of the fastest load into a new file."""

    name: str
    seconds: float


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def install_dlt(folder: Path) -> Path:
    """The interpreter of a new virtual environment with dlt, by uv where there is one."""
    python = folder / "bin" / "python"
    beside = Path(sys.executable).with_name("uv")
    if uv := str(beside) if beside.exists() else shutil.which("uv"):
        run(uv, "venv", "--quiet", "--python", sys.executable, str(folder))
        run(uv, "pip", "install", "--quiet", "--python", str(python), *PACKAGES)
    else:
        run(sys.executable, "-m", "venv", str(folder))
        run(str(python), "-m", "pip", "install", "--quiet", *PACKAGES)
    return python


def run(*command: str, cwd: Path | None = None, **variables: str) -> str:
    """What a program printed. Raises NotMeasured with the last line of what it complained of."""
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **variables}, capture_output=True, text=True
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"{command[0]} failed without a word"]
        raise NotMeasured(lines[-1])
    return done.stdout


def loader_url(url: str) -> str:
    """The server's URL in the one spelling that psycopg2 and connectorx both take.

    connectorx refuses a user before an empty host ("parse error: empty host").
    """
    parts = conninfo_to_dict(url)
    query = urlencode({name: str(parts[name]) for name in ("host", "port", "user")})
    return f"postgresql+psycopg2:///{parts['dbname']}?{query}"


def by_dlt(python: Path, url: str, backend: str, *, rows: int, repeat: int) -> Measured:
    """The fastest of several loads in one process. Raises NotMeasured."""
    with tempfile.TemporaryDirectory(dir=python.parents[2]) as folder:
        printed = run(
            str(python), str(LOADER), loader_url(url), TABLE.name, backend, str(repeat),
            cwd=Path(folder), DLT_DATA_DIR=folder, RUNTIME__DLTHUB_TELEMETRY="false",
        )  # fmt: skip
    loads = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    if found := {load["rows"] for load in loads} - {rows}:
        raise NotMeasured(f"{found} rows arrived instead of {rows:,}")
    return Measured(f"dlt, {backend}", min(load["seconds"] for load in loads))


def all_by_dlt(
    python: Path, url: str, backends: Sequence[str], *, rows: int, repeat: int
) -> list[Measured]:
    """Each backend that works; the others are named with their reason."""
    measured = []
    for backend in backends:
        say(f"dlt with {backend} ...")
        try:
            measured.append(by_dlt(python, url, backend, rows=rows, repeat=repeat))
            say(f"dlt with {backend}: {measured[-1].seconds:.2f} s")
        except NotMeasured as error:
            say(f"dlt with {backend} did not work: {error}")
    return measured


def by_us(url: str, folder: Path, *, rows: int, repeat: int) -> Measured:
    """The fastest of several whole extractions, each into a new file."""
    settings = settings_at(folder)
    # the first bound value makes DuckDB import pandas and numpy, once in a process
    duckdb.connect().execute("select ?", [1])
    seconds = least(
        repeat,
        lambda: extract(settings, source_url=url, run_id="bench", progress=lambda _: None),
        lambda: settings.warehouse.unlink(missing_ok=True),
    )
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        (arrived,) = con.execute(f"select count(*) from raw.{TABLE.name}").fetchall()[0]
    if arrived != rows:
        raise NotMeasured(f"{arrived:,} rows arrived instead of {rows:,}")
    return Measured("this extraction", seconds)


def by_copy(url: str, *, repeat: int) -> Measured:
    """What the server alone takes to send the table: nobody who reads it whole is faster."""
    psql, copy = str(wheel_programs() / "psql"), f"copy {TABLE.name} to stdout (format binary)"
    command = [psql, "-q", "-c", copy, url]
    seconds = least(repeat, lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True))
    return Measured("COPY binary to nowhere", seconds)


def report(
    rows: int, repeat: int, copied: Measured, ours: Measured, dlt: Sequence[Measured]
) -> str:
    """The table of times; each ratio says how many times as long as ours."""
    lines = [
        f"{rows:,} rows of {TABLE.name}, best of {repeat}",
        "| what | seconds | rows per second | times ours |\n| --- | --- | --- | --- |",
    ]
    for found in (copied, ours, *dlt):
        lines.append(
            f"| {found.name} | {found.seconds:.2f} | {rows / found.seconds:,.0f} "
            f"| {found.seconds / ours.seconds:.1f} |"
        )
    fastest = min(dlt, key=lambda found: found.seconds)
    ratio = fastest.seconds / ours.seconds
    verdict = "kept" if ratio >= LIMIT else "missed"
    lines.append(f"{ratio:.1f} times faster than {fastest.name}; limit {LIMIT}: {verdict}")
    return "\n".join(lines)


def measure(rows: int, repeat: int, backends: Sequence[str]) -> str:
    """Server, rows, dlt, then ours; all in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say("installing dlt ...")
        python = install_dlt(folder / "dlt")
        clock = time.monotonic()
        say(f"generating {rows:,} rows ...")
        url = start_server(folder / "postgres", wheel_programs())
        try:
            apply_schema(url)
            generate(url, TABLE, 1, rows)
            say(f"generated in {time.monotonic() - clock:.0f} s")
            dlt = all_by_dlt(python, url, backends, rows=rows, repeat=repeat)
            if not dlt:
                raise NotMeasured("no backend of dlt worked")
            say("this extraction ...")
            ours = by_us(url, folder, rows=rows, repeat=repeat)
            say(f"this extraction: {ours.seconds:.2f} s")
            return report(rows, repeat, by_copy(url, repeat=repeat), ours, dlt)
        finally:
            stop_server(folder / "postgres", wheel_programs())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--backends", default="pyarrow,connectorx", help=", ".join(BACKENDS))
    given = parser.parse_args()
    try:
        print(measure(given.rows, given.repeat, given.backends.split(",")))
    except NotMeasured as error:
        sys.exit(f"Not measured: {error}")


if __name__ == "__main__":
    main()
