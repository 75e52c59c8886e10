"""`hypnomart query`: a question to the published file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from models.errors import BadConfiguration
from pipelines.cli.terminal import page, tell

if TYPE_CHECKING:
    from pipelines.query.ask import Answer

Format = Literal["table", "markdown", "csv", "json", "parquet"]


Sql = Annotated[str | None, typer.Argument(help="One SQL statement; - reads stdin.")]
File = Annotated[Path | None, typer.Option("--file", "-f", help="Read the statement from a file.")]
Tables = Annotated[bool, typer.Option("--tables", help="List the marts.")]
Describe = Annotated[str | None, typer.Option(metavar="MART", help="Show a mart's columns.")]
Metric = Annotated[str | None, typer.Option(metavar="NAMES", help="Metrics, comma between.")]
By = Annotated[str | None, typer.Option(metavar="NAMES", help="Grains and dimensions of --metric.")]
Where = Annotated[str | None, typer.Option(help="A condition on dimensions of --metric.")]
Since = Annotated[str | None, typer.Option(help="First day, month or year.")]
Until = Annotated[str | None, typer.Option(help="Last day, month or year, included.")]
Form = Annotated[Format, typer.Option("--format", help="table, markdown, csv, json or parquet.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Same as --format csv.")]
AsJson = Annotated[bool, typer.Option("--json", help="Same as --format json.")]
Raw = Annotated[bool, typer.Option("--raw", help="CSV as it is: formulas are not defused.")]


def query(
    sql: Sql = None,
    file: File = None,
    *,
    tables: Tables = False,
    describe: Describe = None,
    metric: Metric = None,
    by: By = None,
    where: Where = None,
    since: Since = None,
    until: Until = None,
    form: Form = "table",
    as_csv: AsCsv = False,
    as_json: AsJson = False,
    raw: Raw = False,
) -> None:
    """Ask the published file; it is opened read-only. On a terminal, what is longer than the screen
    goes through PAGER.

    A metric by dimensions: hypnomart query --metric mrr,customer_churn_rate --by month,country
    --where "store = 'app_store'" --since 2026-01

    Example: hypnomart query "select revenue_month, sum(net_usd) from revenue_monthly group by 1"
    """
    from pipelines.base.settings import load_settings
    from pipelines.query import ask

    chosen: Format = "csv" if as_csv else "json" if as_json else form
    published = load_settings().published
    if metric is not None:
        if sql is not None or file is not None:
            raise BadConfiguration("Give a statement or --metric, not both.")
        _show(
            _metrics(published, metric, by=by, where=where, since=since, until=until),
            chosen,
            raw=raw,
        )
    elif by or where or since or until:
        raise BadConfiguration("--by, --where, --since and --until go with --metric.")
    elif tables:
        _show(ask.ask(published, ask.TABLES), chosen, raw=raw)
    elif describe is not None:
        _show(ask.describe(published, describe), chosen, raw=raw)
    elif chosen == "parquet":
        _write_parquet(published, _statement(sql, file))
    else:
        _show(ask.ask(published, _statement(sql, file)), chosen, raw=raw)


def _metrics(
    published: Path,
    names: str,
    *,
    by: str | None,
    where: str | None,
    since: str | None,
    until: str | None,
) -> Answer:
    from pipelines.query.metrics import Question, answer

    question = Question(_listed(names), _listed(by), where, since, until)
    if not question.metrics:
        raise BadConfiguration("--metric names no metric; `hypnomart metrics` lists them.")
    return answer(published, question)


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def _statement(sql: str | None, file: Path | None) -> str:
    """The SQL from the argument, the file, or standard input where that is no terminal."""
    if file is not None and sql is not None:
        raise BadConfiguration("Give the statement or --file, not both.")
    if file is not None:
        try:
            return file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise BadConfiguration(f"{file} is not UTF-8 text.") from error
    if sql == "-" or (sql is None and not sys.stdin.isatty()):
        return sys.stdin.read()
    return sql or ""


def _show(answer: Answer, form: Format, *, raw: bool) -> None:
    from pipelines.query import forms

    if form == "json":
        tell(forms.as_json(answer))
    elif form == "csv":
        typer.echo(forms.as_csv(answer, defused=not raw))
    elif form == "markdown":
        tell(forms.as_markdown(answer))
    elif form == "table":
        page(forms.as_table(answer))
    else:
        raise BadConfiguration(
            "--tables, --describe and --metric come as table, markdown, csv or json."
        )


def _write_parquet(published: Path, sql: str) -> None:
    import pyarrow.parquet as parquet

    from pipelines.query.ask import ask_arrow

    if sys.stdout.isatty():
        raise BadConfiguration(
            "Parquet is no text; send it to a file: … --format parquet > a.parquet"
        )
    parquet.write_table(ask_arrow(published, sql), sys.stdout.buffer)
