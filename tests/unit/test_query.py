"""`hypnomart query`: every value of DuckDB in its right form, in every format."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from models.errors import BadConfiguration
from pipelines.base.plain import plain
from pipelines.base.settings import PROJECT
from pipelines.cli import app
from pipelines.query import forms
from pipelines.query.ask import ask

# Column, SQL, as a cell, as JSON.
VALUES = [
    ("decimal", "12.50::decimal(18,4)", "12.5000", "12.5000"),
    ("tiny", "0.0000001::decimal(18,10)", "0.0000001000", "0.0000001000"),
    ("huge", "170141183460469231731687303715884105727::hugeint",
     "170141183460469231731687303715884105727", "170141183460469231731687303715884105727"),
    ("uhuge", "340282366920938463463374607431768211455::uhugeint",
     "340282366920938463463374607431768211455", "340282366920938463463374607431768211455"),
    ("double", "1.5e300", "1.5e+300", "1.5e+300"),
    ("nan", "'nan'::double", "NaN", '"NaN"'),
    ("inf", "'-inf'::double", "-Infinity", '"-Infinity"'),
    ("is", "true", "true", "true"),
    ("nothing", "null", "", "null"),
    ("empty", "''", "", '""'),
    ("uuid", "'5f0c1d3e-8a52-4f0e-9d3b-2f6f6f6b7a10'::uuid",
     "5f0c1d3e-8a52-4f0e-9d3b-2f6f6f6b7a10", '"5f0c1d3e-8a52-4f0e-9d3b-2f6f6f6b7a10"'),
    ("blob", r"'\xDE\xADa'::blob", r"\xDE\xADa", r'"\\xDE\\xADa"'),
    ("bits", "'101'::bit", "101", '"101"'),
    ("interval", "interval '1 month 3 days'", "1 month 3 days", '"1 month 3 days"'),
    ("day", "date '2026-02-28'", "2026-02-28", '"2026-02-28"'),
    ("ever", "'infinity'::date", "infinity", '"infinity"'),
    ("old", "'0044-03-15 (BC)'::date", "0044-03-15 (BC)", '"0044-03-15 (BC)"'),
    ("instant", "timestamp '2026-01-01 08:00:00.5'", "2026-01-01 08:00:00.5",
     '"2026-01-01 08:00:00.5"'),
    ("nanos", "timestamp_ns '2026-01-01 00:00:00.123456789'", "2026-01-01 00:00:00.123456789",
     '"2026-01-01 00:00:00.123456789"'),
    ("zoned", "timestamptz '2026-01-01 00:00:00+02'", "2025-12-31 22:00:00+00",
     '"2025-12-31 22:00:00+00"'),
    ("choice", "'b'::enum('a', 'b')", "b", '"b"'),
    ("list", "[1.50, null]::decimal(9,2)[]", "[1.50, null]", "[1.50, null]"),
    ("pair", "[1, 2]::int[2]", "[1, 2]", "[1, 2]"),
    ("struct", "{'a': interval 1 month, 'b': ['nan'::double], 'c d': {'e': 'x\"y'}}",
     '{"a": "1 month", "b": ["NaN"], "c d": {"e": "x\\"y"}}',
     '{"a": "1 month", "b": ["NaN"], "c d": {"e": "x\\"y"}}'),
    ("map", "map {1: date '2026-01-01'}", '{"1": "2026-01-01"}', '{"1": "2026-01-01"}'),
    ("document", """'{"a": [1]}'::json""", '{"a": [1]}', '{"a": [1]}'),
    ("variant", "union_value(k := 1)", "1", '"1"'),
    ("big", "'123456789012345678901234567890123456789012'::bignum",
     "123456789012345678901234567890123456789012",
     '"123456789012345678901234567890123456789012"'),
    ("umlaut", "'ü日'", "ü日", '"\\u00fc\\u65e5"'),
]  # fmt: skip
SQL = "select " + ", ".join(f'{sql} as "{name}"' for name, sql, *_ in VALUES)


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "published" / "hypnomart.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as con:
        con.execute("create table revenue_monthly (month date, net_usd decimal(18,4))")
        con.execute("comment on table revenue_monthly is 'One row per month.'")
        con.execute("comment on column revenue_monthly.net_usd is 'What is left.'")
        con.execute("insert into revenue_monthly values ('2026-01-01', 5)")
    monkeypatch.setenv("HYPNOMART_HOME", str(tmp_path))
    return path


def run(*arguments: str, stdin: str | None = None) -> str:
    result = CliRunner().invoke(app, ["query", *arguments], input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.usefixtures("published")
def test_csv_holds_every_value_in_its_right_form() -> None:
    (row,) = csv.DictReader(io.StringIO(run(SQL, "--csv", "--raw")))
    assert row == {name: cell for name, _, cell, _ in VALUES}


@pytest.mark.usefixtures("published")
def test_json_is_valid_and_keeps_every_digit() -> None:
    text = run(SQL, "--format", "json")
    (found,) = json.loads(text, parse_constant=pytest.fail, parse_float=Decimal)
    wanted = {name: json.loads(member, parse_float=Decimal) for name, _, _, member in VALUES}
    assert found == wanted
    for _, _, _, member in VALUES:
        assert member in text
    assert run("select 1 where false", "--json").strip() == "[]"


@pytest.mark.usefixtures("published")
def test_table_and_markdown_show_every_value_and_align_numbers() -> None:
    for form in ("table", "markdown"):
        text = run(SQL, "--format", form)
        assert "12.5000" in text and "NaN" in text and "1 month 3 days" in text
        assert "datetime" not in text and "Decimal" not in text and "None" not in text
    text = run("select 1 as n, 'a|b' || chr(10) || '<i>' as t, 12.5 as d", "--format", "markdown")
    assert text.splitlines() == [
        "| n | t | d |",
        "| ---: | --- | ---: |",
        "| 1 | a\\|b\\\\n&lt;i> | 12.5 |",
    ]
    lines = run("select * from (values (1, 'x'), (1000, 'yyy')) as t (number, word)").splitlines()
    assert lines[3] == "│      1 │ x    │" and lines[4] == "│   1000 │ yyy  │"


@pytest.mark.parametrize(
    ("rows", "to_terminal", "is_paged"), [(60, True, True), (5, True, False), (60, False, False)]
)
def test_what_a_terminal_cannot_show_at_once_goes_through_the_pager(
    published: Path, tmp_path: Path, rows: int, to_terminal: bool, is_paged: bool
) -> None:
    terminal, seen = pty.openpty()
    environment = {
        "HYPNOMART_HOME": str(published.parents[1]),
        "PATH": "/usr/bin:/bin",
        "LINES": "24",
        "PAGER": f"tee {tmp_path / 'paged'}",
    }
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from pipelines.cli import main; main()",
            "query",
            f"select unnest(range({rows})) as n",
        ],
        stdin=seen,
        stdout=seen if to_terminal else subprocess.PIPE,
        env=environment,
        cwd=PROJECT,
    ) as process:
        os.close(seen)
        text = read_all(terminal) if to_terminal else process.communicate()[0].decode()
    os.close(terminal)
    assert process.returncode == 0
    assert f"{rows - 1} │" in text
    assert (tmp_path / "paged").exists() == is_paged


def read_all(terminal: int) -> str:
    """All that was written to a terminal until its last writer was gone."""
    parts = []
    with suppress(OSError):  # how Linux tells the end
        while part := os.read(terminal, 65_536):
            parts.append(part)
    return b"".join(parts).decode()


def test_parquet_goes_to_standard_output_and_keeps_types(published: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", "query", SQL,
         "--format", "parquet"],
        capture_output=True,
        env={"HYPNOMART_HOME": str(published.parents[1]), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    path = published.parent / "answer.parquet"
    path.write_bytes(done.stdout)
    columns = ("decimal", "uhuge", "huge", "interval", "list", "blob", "map", "ever", "nanos")
    with duckdb.connect() as con:
        listed = ", ".join(f"{name}::varchar" for name in columns)
        row = con.execute(f"select {listed} from '{path}'").fetchone() or ()
    wanted = {name: cell for name, _, cell, _ in VALUES}
    assert dict(zip(columns, row, strict=True)) == {name: wanted[name] for name in columns} | {
        "list": "[1.50, NULL]", "map": "{1=2026-01-01}",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select 1; select 2", "2 statements"),
        ("select 1; drop table revenue_monthly", "2 statements"),
        ("drop table revenue_monthly", "only read"),
        ("attach 'x.db'", "only read"),
        ("copy revenue_monthly to 'x.csv'", "only read"),
        ("select * from read_text('/etc/passwd')", "failed"),
        ("select nothing", "failed"),
        (" -- a comment", "empty"),
    ],
)
def test_what_is_no_question_is_refused(published: Path, sql: str, told: str) -> None:
    with pytest.raises(BadConfiguration, match=told):
        ask(published, sql)


@pytest.mark.usefixtures("published")
def test_the_statement_comes_from_a_file_or_standard_input(tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("select 7 as seven;", encoding="utf-8")
    assert run("-f", str(tmp_path / "q.sql"), "--csv") == "seven\n7\n"
    assert run("--csv", stdin="select 8 as eight") == "eight\n8\n"
    assert run("-", "--csv", stdin="select 9 as nine") == "nine\n9\n"
    with pytest.raises(BadConfiguration, match="not both"):
        run("select 1", "-f", str(tmp_path / "q.sql"))


@pytest.mark.usefixtures("published")
def test_marts_and_their_columns_are_listed() -> None:
    assert "One row per month." in run("--tables")
    (_, net) = json.loads(run("--describe", "revenue_monthly", "--json"))
    assert net == {
        "column_name": "net_usd", "data_type": "DECIMAL(18,4)", "comment": "What is left.",
    }  # fmt: skip
    with pytest.raises(BadConfiguration, match="did you mean revenue_monthly"):
        run("--describe", "revenu_monthly")


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("a\n=cmd", "a\n'=cmd"),
        ("a\r\n  =cmd", "a\r\n'  =cmd"),
        ("a\t@x", "a\t'@x"),
        (" =1", "' =1"),
        ("a=1", "a=1"),
        ("2026-01-01", "2026-01-01"),
    ],
)
def test_csv_defuses_formulas_in_each_line_of_a_cell(
    published: Path, tmp_path: Path, cell: str, safe: str
) -> None:
    from reports.render.csv import write_csv

    answer = ask(published, "select $cell as t, -5 as n", values={"cell": cell})
    (row,) = csv.DictReader(io.StringIO(forms.as_csv(answer)))
    assert row == {"t": safe, "n": "-5"}
    (raw,) = csv.DictReader(io.StringIO(forms.as_csv(answer, defused=False)))
    assert raw["t"] == cell
    path = tmp_path / "exported.csv"
    with duckdb.connect() as con:
        con.execute("create table t as select $cell as t, -5 as n", {"cell": cell})
        write_csv(con, "select * from t", path=path)
    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == [{"t": safe, "n": "-5"}]


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("form", ["table", "markdown", "json", "csv"])
def test_no_escape_sequence_reaches_the_terminal(form: str) -> None:
    evil = "chr(27) || ']0;owned' || chr(7) || chr(155) || '2J' || chr(8238) || 'x'"
    text = run(f"select {evil} as t", "--format", form)
    assert text.replace("\r", "").replace("\n", "").isprintable() and "owned" in text


def test_control_characters_are_shown_and_text_stays() -> None:
    assert plain("\x1b[31mred\x9b\x7f\u202e\udcff") == "\\x1b[31mred\\x9b\\x7f\\u202e\\udcff"
    assert plain("ü日\u00a0a\n\tb") == "ü日\u00a0a\n\tb"


def test_a_question_loads_neither_the_client_of_postgresql_nor_metricflow_before_a_metric() -> None:
    modules = "pipelines.base.settings, pipelines.query.ask, pipelines.query.metrics"
    left_out = "psycopg", "metricflow", "sqlglot", "dagster", "dbt"
    code = f"import sys, {modules}; sys.exit(str([n for n in {left_out} if n in sys.modules]))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stderr.strip() == "[]"
