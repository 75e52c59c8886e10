"""The tables of the business, in the order in which they are loaded."""

from __future__ import annotations

from functools import cache

import polars as pl

from models.apply import schema_files, table_of

Tables = dict[str, pl.DataFrame]
ACCOUNTS = "auth.users"


@cache
def load_order() -> tuple[str, ...]:
    """Parents before children: as the files of the schema build on each other."""
    return (ACCOUNTS, *filter(None, map(table_of, schema_files())))
