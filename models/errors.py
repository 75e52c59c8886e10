"""What can go wrong outside the code, each with the exit code that the command line returns."""

from __future__ import annotations

from collections.abc import Iterator


class HypnomartError(Exception):
    """A fault that its message explains: what failed, which object, what to do next."""

    exit_code = 2
    can_pass = False  # whether the same may succeed a minute later


class ChecksFailed(HypnomartError):
    """Checks of severity error failed; the previous publication stands."""

    exit_code = 1


class BadConfiguration(HypnomartError):
    """A setting or an argument is unusable."""

    exit_code = 2


class SourceUnavailable(HypnomartError):
    """The source is unreachable, refuses the login or does not grant what is read."""

    exit_code = 3


class SourceUnavailableNow(SourceUnavailable):
    """The same for now: nobody answers, or a migration holds a lock."""

    can_pass = True


class ConnectionDropped(SourceUnavailableNow):
    """The source went away in mid-work, or a migration came between; a new transaction may
    succeed."""


class TargetUnavailable(HypnomartError):
    """A server that gets the marts is unreachable, refuses the login or lacks a right."""

    exit_code = 3


class TargetUnavailableNow(TargetUnavailable):
    """The same for now: nobody answers."""

    can_pass = True


class WarehouseLocked(HypnomartError):
    """Another run holds the warehouse."""

    exit_code = 4
    can_pass = True


class SourceChanged(HypnomartError):
    """The source's schema lost something that the contract needs."""

    exit_code = 5


def origins(error: BaseException) -> Iterator[BaseException]:
    """An exception and those that it came of, each once: two of them may name each other."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        yield current
        seen.add(id(current))
        current = current.__cause__ or current.__context__
