"""Seeds of the user's own: what is read otherwise, what is refused, and how they begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import BadConfiguration
from models.words import STORES
from pipelines.transform.seeds.faults import refuse_faulty_seeds, seed_faults
from pipelines.transform.seeds.files import (
    SEEDS,
    column_types,
    described_seeds,
    lay_over,
    read_seed,
)
from pipelines.transform.seeds.rules import RULES
from pipelines.transform.seeds.starter import init_seeds
from tests.warehouse import settings_at

PRICES = "product_key,offer_id,store,valid_from,valid_to,price_usd,billing_months,credits_amount"
FEES = "store,product_kind,program,min_paid_days,valid_from,valid_to,service_fee_rate"
FIRST_STATE = """\ufeffstore,product_kind,program,min_paid_days,valid_from,valid_to,fee_rate
app_store,subscription,standard,0,2020-01-01,,0.30
"""


def refusal(folder: Path, name: str, text: str) -> str:
    """What is said of a file, without the folder's name."""
    (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadConfiguration) as refused:
        refuse_faulty_seeds(settings_at(folder, seeds_dir=folder))
    return str(refused.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "price_book",
            f"{PRICES}\nai_credits_4000,,,2026-01-01,,2.95,,4000\n\n"
            "AI_credits_4000,,,2026-06-01,,3.95,,4000\n",
            "price_book.csv, line 4, column valid_from: the row and line 2 both hold "
            "on 2026-06-01; end the older one with valid_to.",
        ),
        (
            "price_book",
            f"{PRICES}\nx99enb,c1,app_store,2026-01-01,,-1,,\n",
            "price_book.csv, line 2, column price_usd: -1 does not lie between 0 and 1000000.",
        ),
        (
            "price_book",
            f"{PRICES}\nx99enb,,amazon,2026-13-01,,8.95,,\n",
            "price_book.csv, line 2, column store: 'amazon' is unknown; "
            "it is one of google_play, app_store. (1 more)",
        ),
        (
            "price_book",
            f"{PRICES}\nx99enb,,,01.03.2026,,8.95,,\n",
            "price_book.csv, line 2, column valid_from: '01.03.2026' is no date; "
            "write it as 2026-07-01.",
        ),
        (
            "price_book",
            f"{PRICES}\nx99enb,,,2026-03-01,2026-03-01,8.95,,\n",
            "price_book.csv, line 2, column valid_to: 2026-03-01 is not after "
            "valid_from, 2026-03-01.",
        ),
        (
            "price_book",
            f"{PRICES}\nx99enb,,,2026-03-01,,8,95,,\n",
            "price_book.csv, line 2: 9 values for 8 columns; "
            "a value that holds a comma stands in double quotes.",
        ),
        (
            "price_book",
            f"{PRICES}\nplan/weekly-plan,,,2026-01-01,,1.95,,\n",
            "price_book.csv, line 2, column billing_months: plan/weekly-plan is a subscription; "
            "say how many months one period lasts.",
        ),
        (
            "price_book",
            "product_key;price_usd\nx99enb;8.95\n",
            "price_book.csv, line 1: the column product_key is missing; the columns are "
            f"{PRICES.replace(',', ', ')}, is_kept. The values are separated by commas.",
        ),
        (
            "fx_rates",
            "currency,rate_date,usd_per_unit\nEUR,2026-01-01,1.17\neur,2026-01-01,1.18\n",
            "fx_rates.csv, line 3, column currency: line 2 says the same once more.",
        ),
        (
            "fx_rates",
            "currency,rate_date,usd_per_unit\nEUR,,0\n",
            "fx_rates.csv, line 2, column rate_date: nothing stands there. (1 more)",
        ),
        (
            "store_fees",
            f"{FEES}\napp_store,subscription,standard,1.5,,,30 %\n",
            "store_fees.csv, line 2, column min_paid_days: '1.5' is no whole number. (1 more)",
        ),
        (
            "stores",
            "store,grace_days,sale_is\ngoogle_play,16,token\n",
            "stores.csv, line 2, column sale_is: 'token' is unknown; "
            "it is one of token_or_order, order.",
        ),
        (
            "country_regions",
            "country,region,note\nPeru,south,x\n",
            "country_regions.csv, line 1: nothing reads the column 'note'; "
            "the columns are country, region.",
        ),
        ("prices", "a\n", "HYPNOMART_SEEDS holds prices.csv, which replaces no seed; "),
        ("stores", "", "stores.csv is empty; its first line names the columns."),
    ],
)
def test_a_fault_is_named_with_file_line_and_column(
    tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    said = refusal(tmp_path, name, text)
    assert said == sentence or (sentence.endswith("; ") and said.startswith(sentence))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stores.csv").write_bytes(b"store\xff\xfe")
    with pytest.raises(BadConfiguration, match="is not UTF-8 text"):
        refuse_faulty_seeds(settings_at(tmp_path, seeds_dir=tmp_path))


def test_prices_of_other_offers_stores_and_days_do_not_overlap(tmp_path: Path) -> None:
    rows = [
        "x99enb,,,,2026-03-01,20.00,,",
        "x99enb,,,2026-03-01,,8.95,,",
        "x99enb,c1,,2026-03-01,,7.95,,",
        "x99enb,,app_store,2026-03-01,,9.95,,",
    ]
    (tmp_path / "price_book.csv").write_text("\n".join([PRICES, *rows]), encoding="utf-8")
    warnings = refuse_faulty_seeds(settings_at(tmp_path, seeds_dir=tmp_path))
    assert warnings == [f"{tmp_path / 'price_book.csv'}: is_kept is absent and read as empty."]


def test_a_file_of_the_first_state_is_read_with_a_warning(tmp_path: Path) -> None:
    source, target = tmp_path / "store_fees.csv", tmp_path / "read.csv"
    source.write_text(FIRST_STATE, encoding="utf-8")
    lay_over(source, target)
    assert target.read_text(encoding="utf-8").splitlines() == [
        "store,product_kind,program,region,min_paid_days,min_year_to_date_usd,is_existing_install,"
        "valid_from,valid_to,service_fee_rate,billing_fee_rate,is_assumed,source",
        "app_store,subscription,standard,,0,,,2020-01-01,,0.30,,,",
    ]
    warnings = read_seed(source).warnings
    assert warnings[0] == f"{source}: fee_rate is read as service_fee_rate."
    assert f"{source}: region is absent and read as empty." in warnings


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.csv")), ids=lambda path: path.stem)
def test_the_shipped_seeds_are_sound(path: Path) -> None:
    seed = read_seed(path)
    assert list(seed_faults(seed)) == [] and seed.warnings == ()
    header = path.read_text(encoding="utf-8").splitlines()[0]
    assert header == ",".join(column_types(seed.name))


def test_the_shipped_stores_are_those_that_words_and_checks_know() -> None:
    lines = (SEEDS / "stores.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == list(STORES)


def test_every_seed_has_rules_and_every_column_a_meaning() -> None:
    assert set(RULES) == set(described_seeds()) == {path.stem for path in SEEDS.glob("*.csv")}
    for name, entry in described_seeds().items():
        assert [column["name"] for column in entry["columns"]] == list(column_types(name))
        rule = RULES[name]
        named = {*rule.key, *rule.required, *rule.ranges, *rule.choices}
        assert named <= set(column_types(name))


def test_seeds_begin_as_copies_beside_a_page_of_their_columns(tmp_path: Path) -> None:
    folder = tmp_path / "seeds"
    written = init_seeds(folder)
    assert {path.name for path in written} == {p.name for p in SEEDS.glob("*.csv")} | {"README.md"}
    assert refuse_faulty_seeds(settings_at(tmp_path, seeds_dir=folder)) == []
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert "| is_kept | boolean | true: a subscriber" in page
    with pytest.raises(BadConfiguration, match=r"already holds country_regions\.csv, .* nothing"):
        init_seeds(folder)
