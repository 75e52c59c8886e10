"""A DuckLake, attached if it is ours: what lies in its folder, and what its catalog says."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from models.errors import BadConfiguration, HypnomartError, TargetUnavailable
from models.quoting import literal
from pipelines.extract.source.faults import said_of, without_secrets

LAKE = "lake"  # the name under which it is attached
AUTHOR = "hypnomart"  # of each snapshot that is ours


def options_of(folder: Path, *, is_new: bool) -> list[str]:
    """How DuckLake attaches a lake: rows lie in Parquet alone, in a folder that is no other's."""
    options = [f"create_if_not_exists {is_new}", "data_inlining_row_limit 0"]
    if is_new:
        files = folder / f"parquet-{uuid.uuid4().hex[:12]}"
        options.append(f"data_path {literal(str(files))}")
    return options


@contextmanager
def attached(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    address: str,
    options: list[str],
    conninfo: str = "",
) -> Iterator[None]:
    """Attach the lake as catalog LAKE, if it is ours, for a block."""
    try:
        listed = ", ".join(options)
        con.execute(f"attach {literal('ducklake:' + address)} as {LAKE} ({listed})")
        _refuse_lake(con, folder)
        yield
        con.execute(f"detach {LAKE}")
    except duckdb.Error as error:
        raise told(error, folder, conninfo=conninfo) from None


def files_of(con: duckdb.DuckDBPyConnection) -> Path:
    """The folder of the lake's Parquet files."""
    query = f"select value from ducklake_options({literal(LAKE)}) where option_name = 'data_path'"
    ((path,),) = con.execute(query).fetchall()
    return Path(path)


def told(error: Exception, folder: Path, *, conninfo: str = "") -> HypnomartError:
    """A fault of a lake in one sentence."""
    words = said_of(str(error))
    words = without_secrets(words, conninfo) if conninfo else words
    return TargetUnavailable(f"The lake in {folder} refuses: {words}; it is as before.")


def _refuse_lake(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Raise where the lake is somebody else's, or somebody else wrote to it."""
    if (files := files_of(con)).parent != folder:
        raise BadConfiguration(
            f"The lake's catalog keeps its files in {files}; set HYPNOMART_LAKE to {files.parent}, "
            "or name another catalog. Nothing was written."
        )
    others = con.execute(
        f"select author, snapshot_id from ducklake_snapshots({literal(LAKE)}) "
        "where snapshot_id > 0 and author is distinct from ? order by snapshot_id",
        [AUTHOR],
    ).fetchone()
    if others:
        raise BadConfiguration(
            f"Version {others[1]} of the lake in {folder} is of {others[0] or 'somebody else'}, "
            "not of hypnomart, which writes to lakes of its own alone; name another in "
            "HYPNOMART_LAKE. Nothing was written."
        )
