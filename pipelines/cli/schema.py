"""`hypnomart schema`: the operational tables as the app keeps them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from models.counting import counted
from pipelines.cli.terminal import tell

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
    """Create what is missing of the 21 tables, policies and roles.

    Nothing is ever dropped.

    Example: HYPNOMART_SOURCE_URL=postgresql://owner@db/app hypnomart schema apply
    """
    from models.apply import apply_schema
    from pipelines.base.settings import load_settings
    from pipelines.run.steps import source_url

    created = apply_schema(source_url(load_settings()), reader_password=reader_password)
    for name in created:
        tell(f"created {name}")
    tell(f"{counted(len(created), 'object')} created." if created else "Nothing was missing.")


@app.command("check")
def check() -> None:
    """Name each difference between the live database and the contract.

    Example: hypnomart schema check
    """
    from models.drift import compare_schema
    from pipelines.base.settings import load_settings
    from pipelines.run.steps import source_url

    differences = compare_schema(source_url(load_settings()))
    for difference in differences:
        tell(str(difference))
    if differences:
        raise typer.Exit(1)
    tell("The database is as the contract wants it.")


@app.command("docs")
def docs(
    path: Annotated[
        Path, typer.Option(help="A folder for the pages, or a file ending in .md.")
    ] = Path("data_dictionary"),
) -> None:
    """Write the data dictionary as files, below data_dictionary here.

    It holds the connected tables and the marts, as pages and as Markdown.

    Example: hypnomart schema docs --path docs/dictionary
    """
    from models.live import read_catalogue
    from pipelines.base.settings import load_settings
    from pipelines.run.steps import source_url
    from pipelines.transform.dbt import manifest_file
    from reports.dictionary.report import write_documents
    from reports.dictionary.site import HOME

    settings = load_settings()
    catalogue = read_catalogue(source_url(settings))
    written = write_documents(path, catalogue, manifest=manifest_file(settings)).absolute()
    tell(f"Wrote {written / HOME if written.is_dir() else written}.")
