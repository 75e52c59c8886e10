"""Seeds of the user's own replace the shipped ones in a build, those of the first state too."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from models.errors import BadConfiguration
from pipelines.transform.seeds.faults import refuse_faulty_seeds
from tests.integration.test_receipts import AS_OF, pack
from tests.warehouse import build, read, settings_at, write_raw

pytestmark = pytest.mark.slow

FEES = "store,product_kind,program,min_paid_days,valid_from,valid_to,fee_rate\n"
PRICES = (
    "product_key,offer_id,store,valid_from,valid_to,price_usd,billing_months,credits_amount\n"
    "ai_credits_4000,,,,,3.00,,4000\n"
)


def test_files_of_the_first_state_are_read_with_a_warning(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "price_book.csv").write_text(PRICES, encoding="utf-8")
    (seeds / "store_fees.csv").write_text(f"{FEES},,,,,,0.10\n", encoding="utf-8")
    settings = settings_at(tmp_path, seeds_dir=seeds)
    write_raw(settings, {"ai_credit_purchases": [pack(1)]}, as_of=AS_OF)
    build(settings, "fct_receipts")
    (receipt,) = read(settings, "select paid_usd, store_fee_usd, proceeds_usd from fct_receipts")
    assert list(receipt.values()) == [Decimal("3.0000"), Decimal("0.3000"), Decimal("2.7000")]
    said = refuse_faulty_seeds(settings)
    assert f"{seeds / 'store_fees.csv'}: fee_rate is read as service_fee_rate." in said
    assert f"{seeds / 'price_book.csv'}: is_kept is absent and read as empty." in said


def test_a_faulty_file_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "store_fees.csv").write_text(f"{FEES}amazon,,,,,,0.10\n", encoding="utf-8")
    settings = settings_at(tmp_path, seeds_dir=seeds)
    write_raw(settings, {}, as_of=datetime(2026, 11, 1))
    with pytest.raises(BadConfiguration, match="line 2, column store: 'amazon' is unknown"):
        build(settings)
    assert read(settings, "select * from duckdb_tables() where schema_name = 'marts'") == []
