"""Keep other programs' variables from changing a figure: dbt, Dagster, Great Expectations, libpq,
DuckDB and Python all listen to the environment, and run in this process."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

from models.errors import BadConfiguration

CLEARED = ("DBT_", "GX_", "DUCKDB_", "PG", "SPARK_", "PYSPARK_", "HADOOP_")
DAGSTER = "DAGSTER_"  # not within Dagster's own processes, which speak to each other by these
# How a login proves itself, and how it insists on encryption, changes no figure.
KEPT = ("PGPASSWORD", "PGPASSFILE", "PGSSL")
# Python has acted on these before this program can: other code, no assertions, other time zones.
REFUSED = (
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONINTMAXSTRDIGITS",
    "PYTHONOPTIMIZE",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONPYCACHEPREFIX",
    "PYTHONTZPATH",
    "PYTHONWARNINGS",
)

cleared: list[str] = []  # for `hypnomart doctor` to tell
given: list[int] = []  # the umask that the program was called with


def isolate(variables: MutableMapping[str, str] | None = None, *, in_dagster: bool = False) -> None:
    """Clear what dbt, Dagster, GX, libpq and DuckDB would read, and make new files private.

    Raises BadConfiguration that names a variable by which Python has already changed.
    """
    variables = os.environ if variables is None else variables
    for name in foreign(variables, in_dagster=in_dagster):
        del variables[name]
        cleared.append(name)
    if found := [name for name in REFUSED if variables.get(name)]:
        raise BadConfiguration(
            f"{', '.join(found)} is set, by which Python runs other code than what was tested; "
            f"call `env -u {' -u '.join(found)} hypnomart …`."
        )
    before = os.umask(0o077)
    if not given:
        given.append(before)


def mode_of_files() -> int:
    """Who may open a file that a user has made at a place of their own, as their umask says."""
    if not given:
        given.append(os.umask(0o077))
        os.umask(given[0])
    return 0o666 & ~given[0]


def foreign(variables: MutableMapping[str, str], *, in_dagster: bool = False) -> list[str]:
    """The variables of other programs that are cleared."""
    prefixes = CLEARED if in_dagster else (*CLEARED, DAGSTER)
    return sorted(
        name for name in variables if name.startswith(prefixes) and not name.startswith(KEPT)
    )


def java() -> str:
    """The program that runs Java, as Spark looks for it; it may be missing."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else "java"
