"""A PostgreSQL cluster in a folder: made, started and spoken to by the server's own programs."""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from models.errors import SourceUnavailable

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


def running(data: Path) -> list[str] | None:
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


def url_of(data: Path) -> str:
    """Where a running server is spoken to. Raises SourceUnavailable."""
    lines = running(data)
    if lines is None:
        raise SourceUnavailable(f"The embedded PostgreSQL server ended at once; see {data}/log.")
    return f"postgresql://postgres@/postgres?host={quote(lines[4], safe='/')}&port={lines[3]}"


def prepare(data: Path, programs: Path) -> None:
    """Create the cluster if need be, in a folder that is complete only after its rename."""
    as_user = server_user()
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
    run_program(programs, new, command=["initdb", *login, "-E", "UTF8", "--locale=C", *locale])
    with (new / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("\n".join(["", "# hypnomart", *SETTINGS, ""]))
    new.rename(data)


def _major(programs: Path) -> int:
    text = subprocess.run(  # noqa: S603 - a program of the wheel
        [programs / "pg_ctl", "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"(\d+)", text)
    return int(found[1]) if found else 0


def start(data: Path, programs: Path) -> None:
    """Start the server and wait until it answers."""
    (data / "postmaster.pid").unlink(missing_ok=True)
    options = f"-k {shlex.quote(str(_socket_folder(data)))}"
    command = ["pg_ctl", "-l", "log", "-o", options, "-t", "60", "-w", "start"]
    run_program(programs, data, command=command)


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
    owner = pwd.getpwnam(user).pw_uid if (user := server_user()) else os.geteuid()
    if os.geteuid() == 0:
        os.chown(short, owner, -1)
    if short.is_symlink() or short.stat().st_uid != owner:
        raise SourceUnavailable(f"{short} belongs to somebody else; remove it or set TMPDIR.")
    short.chmod(0o700)
    return short


def server_user() -> str | None:
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
    user = server_user()
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


def run_program(programs: Path, data: Path, *, command: Sequence[str]) -> None:
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
