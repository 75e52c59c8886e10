"""The command `hypnomart`: each command's help ends with an example, each error in one sentence."""

from __future__ import annotations

import csv
import json
import sys
import uuid
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from models.errors import BadConfiguration, HypnomartError
from pipelines.file_faults import explained
from pipelines.settings import load_settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
schema_app = typer.Typer(help="The 21 operational tables.", no_args_is_help=True)
app.add_typer(schema_app, name="schema")

WIDEST = 1_000_000  # characters in a line of a printed table

FullRefresh = Annotated[
    bool, typer.Option("--full-refresh", help="Read every row again; the history stays.")
]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hypnomart {version('hypnomart')}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Revenue, retention, referral and credit marts from the app's PostgreSQL."""


def main() -> None:
    """Entry point: run a command and turn its error into one sentence and an exit code."""
    try:
        app()
    except HypnomartError as error:
        typer.echo(f"hypnomart: {error}", err=True)
        sys.exit(error.exit_code)
    except duckdb.Error as error:
        fault = explained(error)
        typer.echo(f"hypnomart: {fault}", err=True)
        sys.exit(fault.exit_code)
    except RuntimeError as error:
        if str(error) != "Query interrupted":  # what DuckDB makes of Ctrl-C
            raise
        typer.echo("Aborted.", err=True)
        sys.exit(130)
    except OSError as error:
        typer.echo(f"hypnomart: {error.strerror or error}: {error.filename or ''}", err=True)
        sys.exit(2)


def say(line: str) -> None:
    """Progress goes to standard error, so that output can be piped."""
    typer.echo(line, err=True)


@app.command()
def run(
    full_refresh: FullRefresh = False,
    reports: Annotated[bool, typer.Option(help="Write the reports at the end.")] = True,
) -> None:
    """The main job, start to end: extract, build, check, publish, report.

    Example: hypnomart run --no-reports
    """
    from pipelines.job import run_job

    settings = load_settings()
    started = datetime.now(UTC)
    run_id = run_job(settings, full_refresh=full_refresh, with_reports=reports)
    seconds = (datetime.now(UTC) - started).total_seconds()
    typer.echo(f"Run {run_id} published in {seconds:.0f} s.")
    typer.echo(f"  marts    {settings.published}")
    if reports:
        typer.echo(f"  reports  {settings.reports_dir}")
    columns = "movement_month, closing_mrr_usd, closing_customers, customer_churn_rate"
    typer.echo(f'  ask      hypnomart query "select {columns} from mrr_bridge_monthly"')


@app.command()
def simulate(
    users: Annotated[int, typer.Option(min=1, help="Accounts to create.")] = 5000,
    days: Annotated[int, typer.Option(min=1, help="Days of business.")] = 540,
    seed: Annotated[int, typer.Option(help="Same seed, same rows.")] = 2026,
    until: Annotated[
        str | None, typer.Option(help="Last day, as 2026-10-31; today where not given.")
    ] = None,
    faults: Annotated[str, typer.Option(help="none, typical or all.")] = "typical",
    advance: Annotated[
        int | None, typer.Option(min=1, help="Let the existing business live on for N days.")
    ] = None,
) -> None:
    """Fill an empty source with a simulated business, or let one live on.

    Refuses a source that it did not create. What is true of the business lies in home/truth.

    Example: hypnomart simulate --users 1000 --days 365 --seed 7 --faults all
    """
    from models import simulation
    from models.apply import apply_schema
    from pipelines.steps import source_url

    settings = load_settings()
    url = source_url(settings)
    if advance is not None:
        simulation.advance(url, days=advance, truth_dir=settings.truth_dir, progress=say)
        return
    apply_schema(url)
    rows = simulation.simulate(
        url,
        users=users,
        days=days,
        seed=seed,
        until=_day(until),
        faults=faults,
        truth_dir=settings.truth_dir,
        progress=say,
    )
    for table, count in rows.items():
        typer.echo(f"{table:<28} {count:>12,}")


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadConfiguration(f"--until {text!r} is not a day; write 2026-10-31.") from error


@schema_app.command("apply")
def schema_apply(
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
    from pipelines.steps import source_url

    created = apply_schema(source_url(load_settings()), reader_password=reader_password)
    for name in created:
        typer.echo(f"created {name}")
    typer.echo(f"{len(created)} objects created." if created else "Nothing was missing.")


@schema_app.command("check")
def schema_check() -> None:
    """Compare the live database with the contract and name each difference.

    Example: hypnomart schema check
    """
    from models.drift import compare_schema
    from pipelines.steps import source_url

    differences = compare_schema(source_url(load_settings()))
    for difference in differences:
        typer.echo(str(difference))
    if differences:
        raise typer.Exit(1)
    typer.echo("The database is as the contract wants it.")


@schema_app.command("docs")
def schema_docs(
    path: Annotated[Path, typer.Option(help="Where to write.")] = Path("data_dictionary.md"),
) -> None:
    """Write the data dictionary of the 21 tables as Markdown.

    Example: hypnomart schema docs --path docs/tables.md
    """
    from models.dictionary import write_dictionary

    write_dictionary(path)
    typer.echo(f"Wrote {path}.")


@app.command()
def extract(full_refresh: FullRefresh = False) -> None:
    """Bring raw and history up to one snapshot of the source.

    Example: hypnomart extract --full-refresh
    """
    from pipelines.steps import extract_step

    run_id = str(uuid.uuid4())
    result = extract_step(load_settings(), run_id, full_refresh=full_refresh, progress=say)
    for note in result.notes:
        typer.echo(note)
    changed = sum(count.changed_rows for count in result.tables)
    deleted = sum(count.deleted_rows for count in result.tables)
    typer.echo(
        f"As of {result.as_of_at:%Y-%m-%d %H:%M:%S} UTC: {changed:,} rows changed, ", nl=False
    )
    typer.echo(f"{deleted:,} deleted. Run {run_id}.")


@app.command()
def build(
    select: Annotated[
        list[str] | None, typer.Option(help="A dbt selection, such as fct_receipts+.")
    ] = None,
) -> None:
    """Build staging, marts and dbt's data tests from what was extracted.

    Example: hypnomart build --select +mrr_bridge_monthly
    """
    from pipelines.steps import build_step, newest_run_id

    if flags := [one for one in select or [] if one.startswith("-")]:
        raise BadConfiguration(f"--select {flags[0]!r} is no selection; write +mrr_bridge_monthly.")
    settings = load_settings()
    nodes = build_step(settings, newest_run_id(settings), progress=say, select=select or [])
    failed = [node for node in nodes if node.status == "fail"]
    for node in failed:
        typer.echo(f"failed: {node.name} ({node.failing_rows} rows)")
    typer.echo(f"{len(nodes)} models, seeds and tests, {len(failed)} failed.")
    if failed:
        raise typer.Exit(1)


@app.command()
def check() -> None:
    """Run the checks on what was built; exit code 1 if one of severity error fails.

    Example: hypnomart check
    """
    from pipelines.steps import check_step, newest_run_id, refuse_errors

    settings = load_settings()
    results = check_step(settings, newest_run_id(settings), progress=say)
    for result in results:
        if result.status != "passed":
            typer.echo(
                f"{result.severity:<6} {result.status:<7} {result.check_name}: "
                f"{result.failing_rows} rows, expected {result.expected}"
            )
    passed = sum(result.status == "passed" for result in results)
    typer.echo(f"{passed} of {len(results)} checks passed.")
    refuse_errors(results)


@app.command()
def publish() -> None:
    """Replace the published file by the marts as they were built and checked.

    Example: hypnomart publish
    """
    from pipelines.steps import newest_run_id, publish_step

    settings = load_settings()
    publication = publish_step(settings, newest_run_id(settings))
    typer.echo(f"{publication.tables} tables in {settings.published}")


@app.command()
def report(
    names: Annotated[list[str] | None, typer.Argument(help="Reports; all where none.")] = None,
    period: Annotated[str | None, typer.Option(help="A month, as 2026-10.")] = None,
    formats: Annotated[
        str | None, typer.Option("--format", help="html, xlsx, csv, parquet; with commas.")
    ] = None,
) -> None:
    """Write reports from the published marts.

    Example: hypnomart report overview --period 2026-10 --format html
    """
    from pipelines.steps import report_step

    paths = report_step(
        load_settings(),
        f"report-{datetime.now(UTC):%Y%m%dT%H%M%S}",
        names=names or [],
        period=period,
        formats=[part.strip() for part in (formats or "").split(",") if part.strip()],
        progress=say,
    )
    for path in paths:
        typer.echo(str(path))


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SQL statement.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Ask the published file; it is opened read-only.

    Example: hypnomart query "select revenue_month, sum(net_usd) from revenue_monthly group by 1"
    """
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
        table = Table(*[escape(name) for name in names])
        for row in rows:
            table.add_row(*["" if value is None else escape(str(value)) for value in row])
        # as wide as its values: fitted to a terminal, a mart of 21 columns showed dots for figures
        Console(width=WIDEST).print(table, crop=False)


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False) -> None:
    """The last run and its age, the source, row counts, failed checks and paths.

    Example: hypnomart status --json
    """
    from pipelines.status import as_text, read_status

    facts = read_status(load_settings(), now=datetime.now(UTC))
    typer.echo(json.dumps(facts, indent=2, default=str) if as_json else as_text(facts))


@app.command()
def erase(user_id: Annotated[str, typer.Argument(help="The account's UUID.")]) -> None:
    """Remove a person from raw and history, rebuild, republish, and rewrite the files.

    Delete the person at the source as well; until then the extraction leaves them out.

    Example: hypnomart erase 5f0c1d3e-8a52-4f0e-9d3b-2f6f6f6b7a10
    """
    from pipelines.erase import erase_and_republish

    try:
        person = uuid.UUID(user_id)
    except ValueError as error:
        raise BadConfiguration(f"{user_id!r} is not a UUID.") from error
    erase_and_republish(load_settings(), person, progress=say)
    typer.echo("Erased and published anew.")


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on loopback.")] = 3000,
) -> None:
    """Dagster's web interface and daemon, on loopback only.

    Example: hypnomart serve --port 3333
    """
    from pipelines.serve import serve as start

    start(load_settings(), port=port)


def _needs(path: Path) -> None:
    if not path.exists():
        raise BadConfiguration(f"{path} does not exist yet; run `hypnomart run` first.")
