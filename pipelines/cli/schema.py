"""`hypnomart schema`: the operational tables as the app keeps them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The 21 operational tables.", no_args_is_help=True)


@app.command("apply")
def apply(
    reader_password: Annotated[
        str | None,
        typer.Option(
            envvar="HYPNOMART_READER_PASSWORD", help="Lets the role hypnomart_reader log in."
        ),
    ] = None,
) -> None:
    """Create what is missing of the 21 tables, policies and roles; never drops anything.

    Example: HYPNOMART_SOURCE_URL=postgresql://owner@db/app hypnomart schema apply
    """
    from models.apply import apply_schema
    from pipelines.settings import load_settings
    from pipelines.steps import source_url

    created = apply_schema(source_url(load_settings()), reader_password=reader_password)
    for name in created:
        typer.echo(f"created {name}")
    typer.echo(f"{len(created)} objects created." if created else "Nothing was missing.")


@app.command("check")
def check() -> None:
    """Compare the live database with the contract and name each difference.

    Example: hypnomart schema check
    """
    from models.drift import compare_schema
    from pipelines.settings import load_settings
    from pipelines.steps import source_url

    differences = compare_schema(source_url(load_settings()))
    for difference in differences:
        typer.echo(str(difference))
    if differences:
        raise typer.Exit(1)
    typer.echo("The database is as the contract wants it.")


@app.command("docs")
def docs(
    path: Annotated[Path, typer.Option(help="Where to write.")] = Path("data_dictionary.md"),
) -> None:
    """Write the data dictionary of the 21 tables as Markdown.

    Example: hypnomart schema docs --path docs/tables.md
    """
    from models.dictionary import write_dictionary

    write_dictionary(path)
    typer.echo(f"Wrote {path}.")
