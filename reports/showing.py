"""A page and the tables that it shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Showing:
    """A page: its name, its title, the question it answers, and all names that its queries read
    from: published tables, and their own parts."""

    name: str
    title: str
    question: str
    tables: frozenset[str]
