"""`hypnomart query`: a question to the published file."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from models.errors import BadConfiguration

WIDEST = 1_000_000  # characters in a line of a printed table


def query(
    sql: Annotated[str, typer.Argument(help="One SQL statement.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Ask the published file; it is opened read-only.

    Example: hypnomart query "select revenue_month, sum(net_usd) from revenue_monthly group by 1"
    """
    import duckdb

    from pipelines.settings import load_settings

    settings = load_settings()
    _needs(settings.published)
    if not sql.strip(" \t\n;"):
        raise BadConfiguration("The query is empty; `hypnomart query --help` shows one.")
    try:
        with duckdb.connect(str(settings.published), read_only=True) as con:
            con.execute("set enable_external_access = false")
            cursor = con.execute(sql)
            names = [column[0] for column in cursor.description or ()]
            rows = cursor.fetchall()
    except duckdb.Error as error:
        raise BadConfiguration(f"The query failed: {error}") from error
    _show(names, rows, as_csv=as_csv, as_json=as_json)


def _show(names: list[str], rows: list[tuple[Any, ...]], *, as_csv: bool, as_json: bool) -> None:
    if as_json:
        records = [dict(zip(names, row, strict=True)) for row in rows]
        typer.echo(json.dumps(records, indent=2, default=str))
    elif as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(names)
        writer.writerows(rows)
    else:
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table(*[escape(name) for name in names])
        for row in rows:
            table.add_row(*["" if value is None else escape(str(value)) for value in row])
        # as wide as its values: fitted to a terminal, a mart of 21 columns showed dots for figures
        Console(width=WIDEST).print(table, crop=False)


def _needs(path: Path) -> None:
    if not path.exists():
        raise BadConfiguration(f"{path} does not exist yet; run `hypnomart run` first.")
