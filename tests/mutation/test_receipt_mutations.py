"""Deliberate breaks of the SQL of receipts and revenue, which the random receipts must notice.

dbt builds the models once; a break is a change of one model's compiled SQL, after which that model
and those behind it are built again in a transaction that is then rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from pipelines.transform.dbt import run_dbt
from tests.mutation.falsified import Break
from tests.receipt_histories import AS_OF, random_rows
from tests.receipt_proofs import MARTS, PROOFS, Expected
from tests.warehouse import PRINTED_BY_DBT, parsed_manifest, settings_at, write_raw

pytestmark = pytest.mark.slow


UNIONED, RECORDED = "int_receipts_unioned", "int_receipts_recorded"
PRICED, SCREENED = "int_receipts_priced", "int_receipts_screened"
GROUPS, JUDGED, FEES = "int_receipt_groups", "int_receipts_judged", "int_receipt_fees"
ENTRIES = "int_revenue_entries"
BREAKS = (
    Break("Apple's prefix stays", UNIONED, r"^me[.]hypnoelp[.]app[.]", "^nothing"),
    Break("a suffix needs a digit", UNIONED, r"[a-z][0-9]+[a-z]+)_([^\n]+)$", "no)_(no)$"),
    Break("a time after as_of is believed", UNIONED, "or stated_at > as_of_at", ""),
    Break("1970 is believed", UNIONED, "2010-01-01", "1960-01-01"),
    Break("a tester is a user", UNIONED, "coalesce(profiles.is_test, false)", "false"),
    Break("a canceled event is a receipt", UNIONED, "('created', 'renewed')", "('created')"),
    Break("a rate holds three days", PRICED, "cast(-31 as integer)", "cast(-3 as integer)"),
    Break("a negative amount is a price", RECORDED, "when amount < 0 then 'amount_negative'", ""),
    Break(
        "the book comes before the amount",
        PRICED,
        "when recorded_currency is null or price_fault",
        "when true or price_fault",
    ),
    Break(
        "an unknown offer sells at list price",
        PRICED,
        "lookups.offer_key = book.offer_id",
        "book.offer_id in (lookups.offer_key, '')",
    ),
    Break(
        "the first price holds for ever", PRICED, "lookups.transacted_date < book.valid_to", "true"
    ),
    Break("a price of 0 is a sale", JUDGED, "or receipts.price_usd = 0", ""),
    Break("any source is a store", SCREENED, "not receipts.is_store", "false"),
    Break(
        "only pending is pending",
        SCREENED,
        "receipts.status like 'pending%'",
        "receipts.status = 'pending'",
    ),
    Break("restored is a sale", SCREENED, "status = 'restored'", "status = 'no'"),
    Break("stores share tokens", SCREENED, "receipts.store || ':token:'", "':token:'"),
    Break("orders compare by case", SCREENED, "lower(receipts.order_id)", "receipts.order_id"),
    Break(
        "tables are compared apart",
        SCREENED,
        "receipts.store || ':order:'",
        "receipts.source_table || receipts.store || ':order:'",
    ),
    Break(
        "one round is enough", GROUPS, "is_label_open = 1", "is_label_open = 1 and round_number < 1"
    ),
    Break("orders join nothing", GROUPS, "shared_second.second_link,", "null,"),
    Break(
        "the first recorded is the first",
        GROUPS,
        "members.transacted_at, members.created",
        "members.created",
    ),
    Break(
        "ties fall to the last id",
        GROUPS,
        "members.source_id, members.source_table",
        "members.source_id desc",
    ),
    Break(
        "any token is a known one", GROUPS, "partition by label, token_key", "partition by label"
    ),
    Break("a replay is a duplicate", JUDGED, "grouped.first_user_id <> receipts.user_id", "false"),
    Break("any restored has its sale", JUDGED, "where verdict = 'counted' and", "where"),
    Break("the fee is on the gross", FEES, "taxed.paid_usd - taxed.tax_usd", "taxed.paid_usd"),
    Break("tax comes on top", FEES, "1000000000000000 + tax_units", "1000000000000000"),
    Break(
        "discounts may be below 0",
        JUDGED,
        "greatest(list_price_usd - paid_usd, 0)",
        "list_price_usd - paid_usd",
    ),
    Break("refunds add up", ENTRIES, "'refund' then -1 else 1", "'refund' then 1 else 1"),
    Break(
        "refunds fall on the sale",
        ENTRIES,
        "changes.changed_at as booked_at",
        "charges.transacted_at as booked_at",
    ),
    Break("duplicates are booked", ENTRIES, "verdict = 'counted'", "paid_usd is not null"),
    Break("users are counted twice", "revenue_monthly", "count(distinct", "count("),
    Break("refund rate of refunds", "revenue_monthly", "where entries.entry_type = 'charge'", ""),
    Break("refunds leave the days", "revenue_daily", "sum(proceeds_usd)", "sum(abs(proceeds_usd))"),
    Break(
        "the first is excess",
        "receipt_duplicates",
        "when duplicate_of is not null then coalesce(paid_usd",
        "when true then coalesce(paid_usd",
    ),
    Break(
        "the first day earns nothing",
        "int_revenue_recognised",
        "closed.start_date + 1",
        "closed.start_date",
    ),
    Break(
        "a cut changes nothing",
        "int_revenue_recognised",
        "closed.cut_date <= closed.closing_date or",
        "",
    ),
    Break(
        "refunds leave what was earned",
        "int_revenue_recognised",
        "when refunded.receipt_id is not null then",
        "when false then",
    ),
    Break(
        "the month is recognised ahead",
        "int_revenue_recognised",
        "as_of_date\n        ) as closing_date",
        "date '2099-01-01'\n        ) as closing_date",
    ),
    Break(
        "service ends with the booking",
        "int_revenue_schedules",
        "least(period_end_date, cut_date)",
        "null",
    ),
)


class World:
    """The random business, built once, and the models' compiled SQL in the order of building."""

    def __init__(self, folder: Any) -> None:
        # A tax rate shows what is taken first; the fewer rows, the faster each break.
        self.expected = Expected(random_rows(3, 400), AS_OF, "0.19", "standard")
        settings = settings_at(folder, dbt_vars={"tax_rate": "0.19"})
        write_raw(settings, self.expected.rows, as_of=AS_OF)
        selected = ["--select", *[f"+{mart}" for mart in MARTS], "--exclude-resource-type"]
        command = ["build", *selected, "test", "unit_test", *PRINTED_BY_DBT]
        built = run_dbt(settings, *command, manifest=parsed_manifest())
        assert built.success, built.exception
        self.models = [
            (result.node.name, result.node.relation_name.split(".", 1)[1], result.node)
            for result in built.result.results
            if result.node.resource_type == "model"
        ]
        self.con = duckdb.connect(str(settings.warehouse))
        self.con.execute("set timezone = 'UTC'")

    def read(self, sql: str) -> list[dict[str, Any]]:
        cursor = self.con.execute(sql)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def behind(self, model: str) -> set[str]:
        """The ids of a model and of all models that read it."""
        found: set[str] = set()
        for name, _, node in self.models:
            if name == model or found & set(node.depends_on.nodes):
                found.add(node.unique_id)
        return found

    def complaints(self, fault: Break | None) -> Iterator[str]:
        """The names of the proofs that fail once a rule is falsified, each as it does."""
        self.con.execute("begin")
        try:
            for name, relation, node in self.models:
                if fault and node.unique_id in self.behind(fault.model):
                    sql = fault.of(name, node.compiled_code)
                    kind = node.config.materialized
                    self.con.execute(f"create or replace {kind} {relation} as {sql}")
            yield from self.failing()
        finally:
            self.con.execute("rollback")

    def failing(self) -> Iterator[str]:
        for proof in PROOFS:
            try:
                proof(self.expected, self.read)
            except AssertionError:
                yield proof.__name__


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("mutations"))


def test_the_models_as_they_are_pass(world: World) -> None:
    assert list(world.complaints(None)) == []


@pytest.mark.parametrize("fault", BREAKS, ids=lambda fault: fault.name)
def test_a_break_is_noticed(world: World, fault: Break) -> None:
    assert any(world.complaints(fault))
