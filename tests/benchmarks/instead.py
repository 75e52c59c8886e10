"""What people would use instead of a run's parts, on the source of the same business."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from models.tables import TABLES
from pipelines.extract.source.connection import connection_string, extension_file
from pipelines.transform.dbt import dbt_arguments, dbt_environment
from tests.benchmarks.against_dlt import LOADER, loader_url
from tests.benchmarks.whole import Business, Cost, cost_of
from tests.warehouse import settings_at

DBT = str(Path(sys.executable).with_name("dbt"))
# The floor of a load, which keeps no history and tells nothing of what changed.
PLAIN_DUCKDB = """
import sys, duckdb
server, extension, path, *tables = sys.argv[1:]
con = duckdb.connect(path)
con.execute(f"load '{extension}'")
con.execute(f"attach '{server}' as source (type postgres, read_only)")
for table in tables:
    con.execute(f"create table {table} as from source.public.{table}")
"""
# Revenue by month and kind of product as one would write it in an afternoon: what was purchased,
# each purchase once, at the amount recorded or the list price.
PANDAS = """
import sys
import pandas as pd
import psycopg
url, prices = sys.argv[1:]
book = pd.read_csv(prices, usecols=["product_key", "offer_id", "price_usd"])
book = book[book["offer_id"].isna()].drop_duplicates("product_key", keep="last")
parts = []
with psycopg.connect(url) as conn:
    for table, product in (
        ("ai_credit_purchases", "product_id"), ("course_purchases", "product_id"),
        ("custom_course_purchases", "'custom_audio'"),
        ("subscription_events", "product_id || '/' || base_plan_id"),
    ):
        amount = "amount_paid::float" if table == "ai_credit_purchases" else "null::float"
        state = "event_type" if table == "subscription_events" else "status"
        cursor = conn.execute(
            f"select {product}, purchase_id, {amount}, {state}, created_at from {table}"
        )
        names = ["product_key", "sale", "paid", "state", "at"]
        part = pd.DataFrame(cursor.fetchall(), columns=names)
        parts.append(part.assign(kind=table))
sales = pd.concat(parts).drop_duplicates(["kind", "sale"])
sales = sales[~sales["state"].isin(["refunded", "canceled", "expired"])]
sales = sales.merge(book, on="product_key", how="left")
sales["usd"] = sales["paid"].fillna(sales["price_usd"])
sales["month"] = pd.to_datetime(sales["at"], utc=True).dt.strftime("%Y-%m")
print(sales.groupby(["month", "kind"])["usd"].agg(["sum", "size"]))
"""


def instead_of(business: Business, dlt: Path | None) -> dict[str, Cost]:
    """The cost of each alternative; dlt's where there is an interpreter with it."""
    folder = business.folder / "instead"
    folder.mkdir()
    python, names = sys.executable, [table.name for table in TABLES]
    server = connection_string(business.url).replace("'", "''")
    prices = str(Path(__file__).parents[2] / "dbt_project" / "seeds" / "price_book.csv")
    found = {
        "the load by plain DuckDB, no history": cost_of([
            python, "-c", PLAIN_DUCKDB, server, str(extension_file()),
            str(folder / "plain.duckdb"), *names,
        ]),
        "revenue by month, psycopg and pandas": cost_of([
            python, "-c", PANDAS, business.url, prices
        ]),
        "build and data tests by dbt's own command": by_dbt(business, folder),
    }  # fmt: skip
    if dlt:
        found["the load by dlt with pyarrow"] = cost_of(
            [str(dlt), str(LOADER), loader_url(business.url), ",".join(names), "pyarrow", "1"],
            cwd=folder, DLT_DATA_DIR=str(folder), RUNTIME__DLTHUB_TELEMETRY="false",
        )  # fmt: skip
    return found


def by_dbt(business: Business, folder: Path) -> Cost:
    """`dbt build` on a copy of the working file."""
    settings = settings_at(folder)
    settings.home.mkdir()
    shutil.copy(business.home / "warehouse.duckdb", settings.warehouse)
    command = [DBT, *dbt_arguments(settings, ["build", "--exclude-resource-type", "unit_test"])]
    return cost_of(command, **dbt_environment(settings))
