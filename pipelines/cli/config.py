"""`hypnomart config`: what is set, and by whom."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pipelines.cli.terminal import tell


def config(as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False) -> None:
    """Show every setting, its value and where it comes from.

    Secrets and passwords are masked.

    Example: hypnomart config --json
    """
    from pipelines.base.configuration import configuration
    from pipelines.base.settings import load_settings

    lines = configuration(load_settings())
    if as_json:
        tell(json.dumps([vars(line) for line in lines], indent=2))
        return
    for line in lines:
        tell(f"{line.name:<26} {line.value}")
        tell(f"{'':<26} {line.about}; from {line.origin}")
