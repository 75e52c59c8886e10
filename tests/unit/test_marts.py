"""Every mart says in its YAML entry what it is, and what repeats that is held against it."""

from __future__ import annotations

import re

import pytest
import yaml

from models.marts import is_mart
from models.tables import TABLES
from pipelines.base.settings import PROJECT
from pipelines.extract.dbt_sources import SOURCES, TABLES_MACROS, sources_yaml, tables_macros
from pipelines.transform.exposures import EXPOSURES, exposures_yaml
from pipelines.transform.marts import PAGE, Mart, marts_table, published_marts, replace_table
from reports.pages import PAGES
from tests.warehouse import parsed_project


@pytest.fixture(scope="module")
def marts() -> list[Mart]:
    return published_marts(parsed_project())


def test_each_mart_says_what_a_row_is_what_it_answers_and_when_it_is_final(
    marts: list[Mart],
) -> None:
    silent = [m.name for m in marts if not (m.row and m.answers and m.final)]
    assert silent == [], "config.meta of the mart's YAML entry lacks row, answers or final"
    assert len(marts) >= 47


def test_each_mart_has_a_tested_key(marts: list[Mart]) -> None:
    assert [m.name for m in marts if not m.key] == []


def test_the_columns_that_the_metadata_names_exist(marts: list[Mart]) -> None:
    named = {
        m.name: {*m.key, *m.additive, *([m.event_time] if m.event_time else [])} for m in marts
    }
    columns = {m.name: set(m.columns) for m in marts}
    assert {name: lost for name in named if (lost := named[name] - columns[name])} == {}


def test_no_rate_and_no_key_is_said_to_add_up(marts: list[Mart]) -> None:
    wrong = {m.name: c for m in marts for c in m.additive if c.endswith("_rate") or c in m.key}
    wrong.pop("sync_freshness", None)  # shares of one whole, which do add up
    assert wrong == {}


def test_each_mart_by_day_week_or_month_says_what_is_complete(marts: list[Mart]) -> None:
    """But facts and dimensions, whose rows are dated and sum up nothing, and what looks ahead."""
    period = re.compile(r"(.+_)?(date|week|month)(_.+)?")
    by_period = {
        m.name: set(m.columns)
        for m in marts
        if any(period.fullmatch(column) for column in m.key)
        and not m.name.startswith(("fct_", "dim_"))
    }
    ahead = {"credit_recognition_outlook", "deferred_revenue_schedule", "forecast_backtest"}
    ahead |= {"deferred_revenue_by_attributes_monthly", "fee_history", "price_history"}
    assert ahead < set(by_period) and len(by_period) > 20
    silent = [name for name, columns in by_period.items() if "is_complete" not in columns]
    assert set(silent) == ahead


USER_DIMENSIONS = {
    "country", "lead_source", "cohort_code", "acquisition", "signup_month", "first_paid_month",
}  # fmt: skip
SALE_DIMENSIONS = {"product_key", "store", "offer_id"}


def test_each_fact_about_a_user_can_be_split_by_every_dimension(marts: list[Mart]) -> None:
    """Those of the user as of the fact's own time; of what was sold those of the sale, the plan
    (billing_months) too where it may be a subscription: packs and custom courses have none."""
    needed = {}
    for mart in (mart for mart in marts if mart.name.startswith("fct_")):
        columns = set(mart.columns)
        needed[mart.name] = (
            set(USER_DIMENSIONS) if columns & {"user_id", "referred_user_id"} else set()
        )
        if columns & {"receipt_id", "period_id"}:
            needed[mart.name] |= SALE_DIMENSIONS
            if mart.name not in ("fct_credit_lots", "fct_custom_courses"):
                needed[mart.name] |= {"billing_months"}
    without_user = {name for name, dimensions in needed.items() if not dimensions}
    assert without_user == {"fct_course_settings"}  # counts of present settings
    lacking = {m.name: needed[m.name] - set(m.columns) for m in marts if m.name in needed}
    assert {name: lost for name, lost in lacking.items() if lost} == {}


def test_the_page_of_marts_shows_each_as_the_project_describes_it(marts: list[Mart]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    renewed = replace_table(page, marts_table(marts))
    assert renewed == page, "run `.venv/bin/python -m pipelines.transform.marts`"


def test_every_model_and_source_says_what_a_row_is() -> None:
    nodes = parsed_project()["nodes"].values()
    models = [node for node in nodes if node["resource_type"] in ("model", "seed")]
    tables = [s for s in parsed_project()["sources"].values() if s["source_name"] == "raw"]
    assert len(models) > 150 and len(tables) == len(TABLES)
    assert [node["name"] for node in (*models, *tables) if not node["description"]] == []


def test_exposures_are_the_reports_and_the_marts_that_they_show() -> None:
    again = f"run python -m {exposures_yaml.__module__}"
    assert EXPOSURES.read_text("utf-8") == exposures_yaml(), again
    shown = {e["name"]: e["depends_on"]["nodes"] for e in parsed_project()["exposures"].values()}
    assert len(shown) == 1 + len(PAGES) and all(shown.values())
    assert "model.hypnomart.mrr_bridge_monthly" in shown["report_overview"]


def test_sources_are_those_of_the_contract() -> None:
    renewed = sources_yaml()
    assert SOURCES.read_text("utf-8") == renewed, "run python -m " + sources_yaml.__module__
    assert TABLES_MACROS.read_text("utf-8") == tables_macros(), (
        "run python -m " + tables_macros.__module__
    )
    assert "email" not in renewed and "phone" not in renewed


def test_recurring_revenue_says_its_basis() -> None:
    """MRR, what a customer brings and lifetime value: before or after store fee and tax."""
    described = {
        f"{node['name']}.{name}": column["description"]
        for node in parsed_project()["nodes"].values()
        if is_mart(node)
        for name, column in node["columns"].items()
        if re.search(r"(^|_)(mrr|arpu|ltv)_", name) and name.endswith("_usd")
    }
    basis = re.compile(
        r"gross of|net of|before store|after store|proceeds|list price", re.IGNORECASE
    )
    assert len(described) > 20
    assert [one for one, said in described.items() if not basis.search(said)] == []


@pytest.mark.parametrize(
    ("ends", "types"),
    [
        ("_date", {"date"}), ("_at", {"timestamp"}),
        ("_usd", {"decimal(18,4)", "decimal(18,8)"}),
    ],
)  # fmt: skip
def test_the_end_of_a_column_says_its_type(ends: str, types: set[str]) -> None:
    found = {
        f"{node['name']}.{name}": column["data_type"]
        for node in parsed_project()["nodes"].values()
        if is_mart(node)
        for name, column in node["columns"].items()
        if name.endswith(ends)
    }
    assert len(found) > 5
    assert {name: kind for name, kind in found.items() if kind not in types} == {}


def test_what_several_columns_and_metrics_mean_is_said_once() -> None:
    """A definition that two of them share is a docs block of the area, which both show by doc().

    Shorter ones only name a thing: the user, a UTC day.
    """
    said: dict[str, list[str]] = {}
    for path in sorted((PROJECT / "dbt_project" / "models").rglob("*.yml")):
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        metrics = written.get("metrics", [])
        columns = [
            column for model in written.get("models", []) for column in model.get("columns", [])
        ]
        for one in (*metrics, *columns):
            words = " ".join(one.get("description", "").split())
            if len(words) > 25 and "doc(" not in words:
                said.setdefault(words, []).append(one["name"])
    assert len(said) > 500
    assert {words: names for words, names in said.items() if len(names) > 1} == {}


def test_each_area_of_marts_has_its_definitions_and_shows_each() -> None:
    marts = PROJECT / "dbt_project" / "models" / "marts"
    areas = [folder for folder in sorted(marts.iterdir()) if folder.is_dir()]
    missing = [area.name for area in areas if not (area / f"_{area.name}__docs.md").is_file()]
    assert len(areas) >= 9 and missing == []
    files = [path.read_text("utf-8") for path in sorted(marts.parent.rglob("*__docs.md"))]
    blocks = [name for text in files for name in re.findall(r"{% docs (\w+) %}", text)]
    shown = " ".join(path.read_text("utf-8") for path in sorted(marts.parent.rglob("*.yml")))
    unused = [name for name in blocks if f"doc('{name}')" not in shown]
    assert len(files) >= len(areas) and len(blocks) > 50 and unused == []
