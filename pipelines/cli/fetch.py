"""`hypnomart fetch`: the DuckDB file of a publication in Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.base.progress import contents
from pipelines.cli.terminal import tell


def fetch(
    file: Annotated[Path, typer.Argument(help="The DuckDB file to make, or to replace.")],
    place: Annotated[
        str | None,
        typer.Option("--from", help="A folder or store's URL; HYPNOMART_PARQUET unless given."),
    ] = None,
) -> None:
    """Make the DuckDB file of what is published as Parquet.

    It holds what the published file does: tables, comments, metrics. Reports read it where
    HYPNOMART_PUBLISHED names its folder and it is called hypnomart.duckdb.

    Example: hypnomart fetch marts.duckdb --from s3://bucket/marts
    """
    from pipelines.base.settings import load_settings
    from pipelines.publication.targets.fetched import fetch as make
    from pipelines.publication.targets.parquet import place_of

    manifest = make(place or place_of(load_settings()), file.absolute())
    tables = manifest["tables"]
    held = contents(len(tables), sum(table["rows"] for table in tables))
    tell(f"{held} of run {manifest['run_id']} in {file}.")
