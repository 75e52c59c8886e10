"""Real PostgreSQL servers for tests: the embedded one, or the one HYPNOMART_TEST_DSN names."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from models.apply import apply_schema
from models.errors import SourceUnavailable
from pipelines.base.embedded import start_server, stop_server, wheel_programs

EMBEDDED_MAJOR = 18
_numbers = itertools.count(1)
# A busy machine is slow, not wrong.
hypothesis_settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("any machine")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server whose login may create databases and roles."""
    given = os.environ.get("HYPNOMART_TEST_DSN")
    if given:
        yield given
        return
    yield from running_server(wheel_programs())


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> Iterator[str]:
    """A database with the schema applied, to be copied."""
    with new_database(postgres_url) as url:
        apply_schema(url)
        yield urlsplit(url).path[1:]


@pytest.fixture
def empty_url(postgres_url: str) -> Iterator[str]:
    """A fresh database without the schema."""
    with new_database(postgres_url) as url:
        yield url


@pytest.fixture
def source_url(postgres_url: str, template_database: str) -> Iterator[str]:
    """A fresh database with the schema applied, and no rows."""
    with new_database(postgres_url, template=template_database) as url:
        yield url


@pytest.fixture(scope="session")
def second_major_server() -> Iterator[str]:
    """A server of another major version than the embedded one; skips where there is none."""
    programs = second_major_programs()
    if programs is None:
        pytest.skip("no PostgreSQL of a second major version is installed")
    yield from running_server(programs)


@pytest.fixture
def second_major_url(second_major_server: str) -> Iterator[str]:
    """A fresh database without the schema, on a server of another major version."""
    with new_database(second_major_server) as url:
        yield url


@pytest.fixture
def fresh_database(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Makes databases without the schema on the embedded server, as many as a test asks for."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(new_database(postgres_url))


def login_as(url: str, role: str) -> str:
    """The URL for another role, with a password for servers that ask for one."""
    with psycopg.connect(url) as conn:
        conn.execute(sql.SQL("alter role {} password 'for tests'").format(sql.Identifier(role)))
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:for%20tests@{place}"))


def second_major_programs() -> Path | None:
    """Debian's folder of another major version, else PATH's, else the older one of the wheel."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if folder.parent.name != str(EMBEDDED_MAJOR) and (folder / "initdb").is_file():
            return folder
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    try:
        return wheel_programs(16)
    except SourceUnavailable:
        return None


def running_server(programs: Path) -> Iterator[str]:
    """A server for tests: it forgoes the safety of its data against a crash.

    Its folder is not pytest's: where root runs the tests, the server is another user, and every
    pytest that starts closes pytest's common folder to other users.
    """
    with tempfile.TemporaryDirectory(prefix="hypnomart-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        url = start_server(folder, programs)
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("alter system set fsync = off")
            conn.execute("alter system set synchronous_commit = off")
            conn.execute("alter system set full_page_writes = off")
            conn.execute("select pg_reload_conf()")
        yield url
        stop_server(folder, programs)


@contextmanager
def new_database(server: str, *, template: str = "template0") -> Iterator[str]:
    """The URL of a database that is gone afterwards, whoever is still connected."""
    name = f"hypnomart_test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as conn:
        statement = sql.SQL("create database {} template {}")
        conn.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as conn:
            statement = sql.SQL("drop database if exists {} with (force)")
            conn.execute(statement.format(sql.Identifier(name)))
