"""Named queries in .sql files: a block of `-- key: value` lines, then one statement."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class Query:
    """One statement with what its header says of it (name, asset, severity, expects)."""

    name: str
    sql: str
    header: dict[str, str]

    def __getitem__(self, key: str) -> str:
        """A value of the header; KeyError names what is missing."""
        return self.header[key]


def load_queries(file: str) -> list[Query]:
    """The queries of checks/sql/<file>.sql in their order; each starts with `-- name:`."""
    text = (resources.files("checks.sql") / f"{file}.sql").read_text(encoding="utf-8")
    blocks = ("\n" + text).split("\n-- name:")[1:]
    return [_parsed(f"-- name:{block}") for block in blocks]


def _parsed(block: str) -> Query:
    header: dict[str, str] = {}
    lines = block.strip().split("\n")
    while lines and lines[0].startswith("--"):
        key, _, value = lines.pop(0).removeprefix("--").partition(":")
        header[key.strip()] = value.strip()
    return Query(header["name"], "\n".join(lines).strip().rstrip(";"), header)
