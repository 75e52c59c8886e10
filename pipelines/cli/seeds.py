"""`hypnomart seeds` and `hypnomart rates`: the files that the business edits."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from models.counting import counted

seeds = typer.Typer(help="Prices, fees, rates, codes: files to edit.", no_args_is_help=True)
rates = typer.Typer(help="Exchange rates.", no_args_is_help=True)


@seeds.callback()
def of_seeds() -> None:
    """Prices, fees, rates, codes: files to edit."""


@rates.callback()
def of_rates() -> None:
    """Exchange rates."""


@seeds.command("init")
def init(
    folder: Annotated[Path, typer.Argument(help="A new folder, or one without seeds.")],
) -> None:
    """Write editable copies of the shipped seeds.

    A README.md beside them says what each column means.

    Example: hypnomart seeds init seeds && export HYPNOMART_SEEDS=seeds
    """
    from pipelines.transform.seeds.starter import init_seeds

    for path in init_seeds(folder):
        typer.echo(f"wrote {path}")
    typer.echo(f"Edit them, then set HYPNOMART_SEEDS={folder.absolute()}.")


@rates.command("import")
def import_history(
    file: Annotated[Path, typer.Argument(help="The bank's eurofxref-hist.zip, or the CSV in it.")],
    since: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day to import.")
    ] = datetime(2024, 1, 1),
) -> None:
    """Take the European Central Bank's rates into your seeds.

    Its history is a file that you downloaded. Rates of currencies that the bank does not fix stay
    as they are.

    Example: hypnomart rates import eurofxref-hist.zip
    """
    from models.errors import BadConfiguration
    from pipelines.base.settings import load_settings
    from pipelines.transform.seeds.files import SEEDS
    from pipelines.transform.seeds.rates import import_rates

    folder = load_settings().seeds_dir
    if folder is None:
        raise BadConfiguration(
            "HYPNOMART_SEEDS is not set; run `hypnomart seeds init FOLDER` and set it to that."
        )
    own = folder / "fx_rates.csv"
    current = own if own.exists() else SEEDS / "fx_rates.csv"
    result = import_rates(file, folder, current=current, since=since.date())
    typer.echo(
        f"{result.path}: {result.rates:,} rates of {result.currencies} currencies, "
        f"{result.first} to {result.last}."
    )
    if result.kept:
        typer.echo(f"As they were, since the bank fixes no rate: {', '.join(result.kept)}.")
    if (age := (date.today() - result.last).days) > 7:
        typer.echo(f"The newest rate is {counted(age, 'day')} old: download the file anew.")
