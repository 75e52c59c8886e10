"""`hypnomart metrics`: what a metric means and by what it may be split."""

from __future__ import annotations

from typing import Annotated

import typer

from models.errors import BadConfiguration
from pipelines.cli.terminal import page, tell


def metrics(
    name: Annotated[str | None, typer.Argument(help="One metric; all without a name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    *,
    as_osi: Annotated[
        bool, typer.Option("--osi", help="Write all for other tools: Open Semantic Interchange.")
    ] = False,
) -> None:
    """List the metrics, or explain one.

    Example: hypnomart metrics customer_churn_rate
    """
    from pipelines.base.settings import load_settings
    from pipelines.query import forms
    from pipelines.query.metrics import explained, semantic_manifest

    if as_osi:
        if name is not None:
            raise BadConfiguration("--osi writes all metrics; leave the name out.")
        from pipelines.query import interchange

        typer.echo(interchange.as_osi(semantic_manifest(load_settings().published)))
        return
    found = explained(load_settings().published, name)
    if as_json:
        tell(forms.as_json(found))
    elif name is not None:
        for about, says in found.rows:
            tell(f"{about:<12} {says}")
    else:
        page(forms.as_table(found))
