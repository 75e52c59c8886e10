"""Thousands of random receipts in one build agree with an oracle in plain Python."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from tests.receipt_histories import AS_OF, random_rows
from tests.receipt_proofs import MARTS, PROOFS, Expected
from tests.warehouse import build_from, read

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("seed", "tax_rate", "program"), [(1, "0", "standard"), (2, "0.19", "small_business")]
)
def test_random_receipts_agree_with_the_oracle(
    tmp_path: Path, seed: int, tax_rate: str, program: str
) -> None:
    expected = Expected(random_rows(seed), AS_OF, tax_rate, program)
    variables = {"tax_rate": tax_rate, "fee_program": program}
    settings = build_from(tmp_path, expected.rows, *MARTS, as_of=AS_OF, dbt_vars=variables)
    for proof in PROOFS:
        proof(expected, partial(read, settings))


def test_the_random_receipts_meet_every_verdict_and_shape_of_group() -> None:
    receipts = Expected(random_rows(1), AS_OF).receipts.values()
    assert len({receipt.verdict for receipt in receipts}) == 9
    groups = Counter(receipt.duplicate_of for receipt in receipts if receipt.duplicate_of)
    assert sorted(groups.values())[-2:] == [199, 299]
