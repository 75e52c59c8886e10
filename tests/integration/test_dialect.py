"""The words of macros/dialect, and what is made of them, mean the same in each engine, on values
that no business should have."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import duckdb
import psycopg
import pytest
from jinja2 import Environment, pass_context
from jinja2.environment import TemplateModule
from jinja2.runtime import Context

from pipelines.transform.parsed import DBT_PROJECT

Word = tuple[str, ...]
VARIABLES = {"movement_window_minutes": 60, "period_length_factor": 2}
YEAR = "timestamp '2026-01-01 00:00:00.5'"
TEXTS = (
    "null", "''", "'a'", "' a '", "e'\\t a \\n'", "'Ä ß Ö'", "'\u00a0a'", "'ai_credits_4000_x2'",
    "'X99ENB_C1'", "e'a\\nb_c1'", "e'x_\\nc1'",
    "e'ai_credits_1\\nx'", "e'\\n7'", "'ai_credits_4000'", "'ai_credits_99999999999'",
    "'a/b/c'", "'/'", "'123'", "'1764547200000'", "'12345678901234'", "'123456789012345'", "'-5'",
    "'12.5'", "'\uff11\uff12'", "e'12\\n'", "'[]'", "'[1, 2]'", "'{'", "'{}'",
    "'{\"audio_files\": [1]}'",
    "'{\"audio_files\": {}}'", "'{\"audio_files\": null}'", "'null'", "'[1] x'", "' [1, 2, 3] '",
    "'PurchaseStatus.purchased'", "'GPA.1234..0'", "'gpa.1234..12'", "'me.hypnoelp.app.x1a'",
    "'monthly-plan'",
)  # fmt: skip
NUMBERS = ("null", "0", "1", "-1", "2", "-7", "7", "100", "99999999")
DOUBLES = (
    "null", "0", "-0.0", "1", "0.5", "1.5", "2.5", "-2.5", "2.226666665", "2.2266666649999999",
    "0.125", "1e-9", "5e-9", "1e-12", "123456.123456785", "-99999.000000005", "98765432.123",
)  # fmt: skip
DECIMALS = ("null", "0", "0.0001", "-0.0001", "12345678.3456", "-1.5", "99999.9999")
TIMES = (
    "null", "'2026-01-31 23:59:59.999999'", "'2024-02-29 12:00:00'", "'2026-03-29 01:30:00'",
    "'1969-12-31 23:59:59.5'", "'0002-01-01 00:00:00'", "'9998-12-31 00:00:00'",
    "'2026-01-01 00:00:00'",
)  # fmt: skip
WORDS: dict[str, tuple[tuple[str, ...], str, tuple[Word, ...]]] = {
    "text": (TEXTS, "varchar", (
        ("stripped", "x"), ("lowered", "x"), ("purchase_status", "x"), ("product_id_of", "x"),
        ("product_key_of", "x"), ("product_offer_of", "x"), ("product_kind_of", "x"),
        ("subscription_key_of", "x", "x"), ("plan_months_of", "x"), ("order_base", "x"),
        ("credits_in_name", "x"), ("files_in_course", "x"), ("epoch_ms_at", "x"),
    )),
    "number": (NUMBERS, "bigint", (
        ("whole_quotient", "x", "3"), ("whole_quotient", "-x", "86400"), ("ratio", "x", "x - 1"),
        ("usd_share", "cast(x as decimal(18, 4))", "1", "3"), ("ln_gamma", "abs(x) + 0.5"),
        ("ln_gamma", "abs(x) + 1"),
        ("wilson_low", "abs(x)", "abs(x) + 2"), ("wilson_high", "abs(x)", "abs(x) + 2"),
    )),
    "double": (DOUBLES, "double precision", (
        ("decimal_of", "x", "18", "8"), ("decimal_of", "x / 100", "38", "12"),
        ("rounded", "x", "6"), ("ratio", "x", "3"),
    )),
    "decimal": (DECIMALS, "decimal(18, 4)", (
        ("decimal_or_null", "x", "9", "2"), ("round_usd", "x * cast(0.12345 as decimal(9, 5))"),
        ("usd_share", "x", "2", "7"), ("price_per_unit", "x", "3"),
    )),
    "time": (TIMES, "timestamp", (
        ("month_start", "x"), ("month_name", "x"), ("add_months", "x", "1"), ("add_days", "x", "1"),
        ("add_months", "x", "-12"), ("grace_before", "x", "16"), ("days_after", "x", "3"),
        ("seconds_between", "x", YEAR), ("months_passed", "x", YEAR), ("months_passed", YEAR, "x"),
        ("hours_between", "x", YEAR), ("whole_weeks", "x", YEAR), ("period_end_at", "x", "week"),
        ("period_end_at", "x", "month"), ("months_between", "x", YEAR), ("start_of", "week", "x"),
        ("start_of", "year", "cast(x as date)"), ("epoch_seconds", "x"),
        ("elapsed_seconds", "x", YEAR), ("days_between", "cast(x as date)", "date '2026-01-01'"),
    )),
}  # fmt: skip
CASES = [(kind, word) for kind, (_, _, words) in WORDS.items() for word in words]


class Adapter:
    """dbt's `adapter` for an engine."""

    def __init__(self, engine: str) -> None:
        self.engine = engine

    @pass_context
    def dispatch(self, context: Context, name: str, _: str) -> Callable[..., Any]:
        """The engine's macro, else DuckDB's."""
        own: Callable[..., Any] | None = context.get(f"{self.engine}__{name}")
        return own or context[f"default__{name}"]  # type: ignore[no-any-return]


@functools.cache
def macros(engine: str) -> TemplateModule:
    """Every macro of the project, dispatched to an engine."""
    environment = Environment(extensions=["jinja2.ext.do"])
    environment.globals.update(
        {"return": lambda text: text, "var": VARIABLES.get, "adapter": Adapter(engine)}
    )
    files = sorted((DBT_PROJECT / "macros").rglob("*.sql"))
    return environment.from_string("".join(file.read_text("utf-8") for file in files)).module


Row = tuple[Any, ...]


def query(
    engine: str,
    kind: str,
    *,
    word: Word,
    text: Callable[[str], str] = str,
    types: Mapping[str, str] | None = None,
) -> str:
    """What a word makes of each value of its kind, in order. `text` and `types`: how the engine
    writes a literal and names a type, where not as DuckDB does."""
    name, *given = word
    arguments = [int(one) if name in NUMBERED and one.isdigit() else one for one in given]
    values, stored, _ = WORDS[kind]
    stored = (types or {}).get(stored, stored)
    literals = map(text, values) if kind == "text" else values
    rows = ", ".join(f"({place}, cast({one} as {stored}))" for place, one in enumerate(literals))
    made = getattr(macros(engine), name)(*arguments)
    return f"select place, {made} as made from (values {rows}) as given (place, x) order by place"


NUMBERED = ("decimal_of", "decimal_or_null", "rounded")  # which take digits


@pytest.fixture(scope="module")
def postgres(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute("set timezone = 'Asia/Kolkata'")  # what a word says must not hang on it
        yield conn


@pytest.mark.parametrize(
    ("kind", "word"), CASES, ids=lambda part: part if isinstance(part, str) else " ".join(part)
)
def test_a_word_means_the_same(kind: str, word: Word, postgres: psycopg.Connection[Any]) -> None:
    here = duckdb.sql(query("duckdb", kind, word=word)).fetchall()
    there = postgres.execute(query("postgres", kind, word=word).encode()).fetchall()
    assert_same(kind, here, there)


def assert_same(kind: str, here: list[Row], there: list[Row]) -> None:
    """Each value of a kind makes the same of a word in DuckDB and at another engine."""
    said = [
        (WORDS[kind][0][place], one, other)
        for (place, one), (_, other) in zip(here, there, strict=True)
        if not same(one, other)
    ]
    assert said == []
    assert any(one is not None for _, one in here)


GROUPS = """
    (values
        ('a', 1, 'x', 2.5), ('a', 2, null, null), ('a', 3, 'y', 1), ('a', null, 'z', 9),
        ('b', 1, null, 4), ('b', 2, null, null), ('c', 1, null, 1), ('c', 2, 'w', 2),
        ('c', 3, null, 3), ('c', 4, 'v', null)
    ) as given (k, o, v, n)
"""


def double(m: TemplateModule, expression: str) -> str:
    """The expression as a DOUBLE."""
    return f"cast({expression} as {m.type_double()})"  # type: ignore[attr-defined]


SO_FAR = "(partition by k order by o nulls last rows between unbounded preceding and current row)"
TO_COME = "(partition by k order by o nulls last rows between 1 following and unbounded following)"
QUERIES = {
    "value_at_greatest": lambda m: (
        f"select k, {m.value_at_greatest('v', 'o')} from {GROUPS} group by k"
    ),
    "value_at_first": lambda m: (
        f"select k, {m.value_at_first('o', ['n', 'o'])} from {GROUPS} "
        "where n is not null and o is not null group by k"
    ),
    "median_of": lambda m: f"select k, {m.median_of('n')} from {GROUPS} group by k",
    "last_known_value": lambda m: f"select k, o, {m.last_known_value('v', SO_FAR)} from {GROUPS}",
    "first_known_value": lambda m: (
        f"select k, o, {m.first_known_value('v', TO_COME)} from {GROUPS}"
    ),
    "ordered_sum": lambda m: (
        f"select k, {m.ordered_sum(double(m, 'n') + ' / 3', ['o', 'v'])} from {GROUPS} group by k"
    ),
    "no sum": lambda m: (
        f"select {m.ordered_sum(double(m, 'n'), ['o'])} from {GROUPS} where k = 'd'"
    ),
    "mean_of": lambda m: f"select k, {m.mean_of(double(m, 'n'))} from {GROUPS} group by k",
    "least_uuid": lambda m: (
        "select " + m.least_uuid("cast(u as uuid)") + " from (values "
        "('ffffffff-0000-4000-8000-000000000000'), ('0fffffff-0000-4000-8000-000000000000'), (null)"
        ") as given (u)"
    ),
    "days_through": lambda m: "select " + m.days_through("date '2026-03-28'", "date '2026-03-30'"),
    "no days": lambda m: "select " + m.days_through("date '2026-03-28'", "date '2026-03-27'"),
    "months_through": lambda m: (
        "select " + m.months_through("date '2025-12-01'", "date '2026-03-31'")
    ),
    "numbers_through": lambda m: "select " + m.numbers_through("-1", "3"),
    "row_of": lambda m: (
        f"select k, o, {m.row_of(['v'])} is distinct from lag({m.row_of(['v'])}) over "
        f"(partition by k order by o nulls last) from {GROUPS}"
    ),
}


@pytest.mark.parametrize("name", QUERIES)
def test_rows_and_sums_of_them_mean_the_same(name: str, postgres: psycopg.Connection[Any]) -> None:
    here = duckdb.sql(QUERIES[name](macros("duckdb"))).fetchall()
    there = postgres.execute(QUERIES[name](macros("postgres")).encode()).fetchall()
    assert sorted(map(str, here)) == sorted(map(str, there))
    assert here or name == "no days"


def same(one: Any, other: Any) -> bool:
    """Whether two engines mean the same value: doubles to a billionth, all else exactly."""
    if isinstance(one, float) or isinstance(other, float):
        return None not in (one, other) and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return one == other
    return str(one).removesuffix(" 00:00:00") == str(other).removesuffix(" 00:00:00")
