"""A seed file of the first state is read with the columns of today."""

from __future__ import annotations

from pathlib import Path

from pipelines.seeds import lay_over

FIRST_STATE = """\ufeffstore,product_kind,program,min_paid_days,valid_from,valid_to,fee_rate
app_store,subscription,standard,0,2020-01-01,,0.30
"""


def test_a_file_of_the_first_state_is_read_with_a_warning(tmp_path: Path) -> None:
    source, target = tmp_path / "store_fees.csv", tmp_path / "read.csv"
    source.write_text(FIRST_STATE, encoding="utf-8")
    warnings = lay_over(source, target)
    assert target.read_text(encoding="utf-8").splitlines() == [
        "store,product_kind,program,min_paid_days,valid_from,valid_to,service_fee_rate,"
        "region,min_year_to_date_usd,is_existing_install,billing_fee_rate,is_assumed,source",
        "app_store,subscription,standard,0,2020-01-01,,0.30,,,,,,",
    ]
    assert warnings[0] == f"{source}: fee_rate is read as service_fee_rate."
    assert f"{source}: region is absent and read as empty." in warnings
