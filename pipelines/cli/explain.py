"""`hypnomart explain`: why a measure changed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.terminal import page, tell

if TYPE_CHECKING:
    from pipelines.query.ask import Answer
    from reports.explain.parts import Change


def explain(
    measure: Annotated[str, typer.Argument(help="mrr, revenue or proceeds.")],
    since: Annotated[
        str | None, typer.Option("--from", help="The month to start from, as 2026-09.")
    ] = None,
    *,
    until: Annotated[
        str | None, typer.Option("--to", help="The month to explain; the last complete one.")
    ] = None,
    detail: Annotated[bool, typer.Option("--detail", help="Also by product and store.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, exact.")] = False,
) -> None:
    """Say why a measure changed, in parts that add up to the cent.

    Example: hypnomart explain mrr --from 2026-09 --to 2026-10
    """
    from pipelines.base.settings import load_settings
    from pipelines.query import forms
    from pipelines.query.ask import Answer
    from reports.explain.changes import change
    from reports.explain.words import sentence, tree
    from reports.published import open_published

    with open_published(load_settings().published) as published:
        found = change(published, measure, since=since, until=until)
    if as_json:
        tell(forms.as_json(_exact(found)))
        return
    rows: list[tuple[Any, ...]] = list(tree(found, detail=detail))
    types = ("VARCHAR", "DECIMAL(18,2)", "DECIMAL(18,2)", "BIGINT")
    table = forms.as_table(Answer(("", "amount_usd", "usual_usd", "rows"), types, rows))
    macro = found.measure.macro.format(month=found.until)
    provisional = "" if found.is_complete else "\nThe last month is not final yet."
    page(f'{sentence(found)}{provisional}\n{table}\nThe rows: hypnomart query "from {macro}"')


def _exact(found: Change) -> Answer:
    """Every leaf with all its digits; before, the amounts and after add up exactly."""
    from pipelines.query.ask import Answer

    names = ("part", "cause", "product", "store", "rows", "amount_usd")
    types = ("VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", "BIGINT", "DECIMAL(18,8)")
    leaves = [
        (one.part, one.cause, leaf.product, leaf.store, leaf.rows, leaf.amount)
        for one in found.branches
        for leaf in one.leaves
    ]
    before, after = (_end("before", found.before), _end("after", found.after))
    return Answer(names, types, [before, _end("restatement", found.restated), *leaves, after])


def _end(name: str, amount: Decimal) -> tuple[Any, ...]:
    return (name, None, None, None, None, amount)
