"""Names and strings inside SQL, for PostgreSQL (standard_conforming_strings) and DuckDB alike.

Values are bound; this is for the statements and places that take none.
"""

from __future__ import annotations


def quoted(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string."""
    return "'" + text.replace("'", "''") + "'"
