"""The European Central Bank's history of rates becomes a seed of dollars per unit."""

from __future__ import annotations

import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from models.errors import BadConfiguration
from pipelines.transform.seeds.rates import import_rates, read_bank_rates

HISTORY = """Date,USD,JPY,GBP,BGN,
2026-11-27,1.1600,180.00,0.8700,N/A,
2026-11-26,1.1500,179.20,0.8695,N/A,
2025-12-31,1.1750,184.09,0.8726,1.9558,
2023-12-29,1.1050,156.33,0.8691,1.9558,
"""
CURRENT = """currency,rate_date,usd_per_unit
ARS,2026-11-01,0.00069000
GBP,2024-01-01,1.27000000
GBP,2026-01-01,1.30000000
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """The bank's file and the seed in force."""
    bank, current = tmp_path / "eurofxref-hist.csv", tmp_path / "fx_rates.csv"
    bank.write_text(HISTORY, encoding="utf-8")
    current.write_text(CURRENT, encoding="utf-8")
    return bank, current


def test_units_for_a_euro_become_dollars_for_a_unit(files: tuple[Path, Path]) -> None:
    rates = read_bank_rates(files[0])
    assert rates["EUR", date(2026, 11, 27)] == Decimal("1.16000000")
    assert rates["GBP", date(2026, 11, 27)] == Decimal("1.33333333")  # 1.16 / 0.87
    assert rates["JPY", date(2026, 11, 26)] == Decimal("0.00641741")  # 1.15 / 179.2 = 0.006417410…
    assert ("BGN", date(2026, 11, 27)) not in rates
    assert ("USD", date(2026, 11, 27)) not in rates


def test_what_the_bank_does_not_fix_and_what_lies_before_stays(files: tuple[Path, Path]) -> None:
    bank, current = files
    result = import_rates(bank, current.parent, current=current, since=date(2025, 1, 1))
    lines = current.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line[:3] in ("ARS", "GBP")] == [
        "ARS,2026-11-01,0.00069000",
        "GBP,2024-01-01,1.27000000",
        "GBP,2025-12-31,1.34655054",  # 1.175 / 0.8726
        "GBP,2026-11-26,1.32259919",  # 1.15 / 0.8695
        "GBP,2026-11-27,1.33333333",
    ]
    assert (result.currencies, result.first, result.last) == (
        4,
        date(2025, 12, 31),
        date(2026, 11, 27),
    )
    assert (result.rates, result.kept) == (10, ("ARS",))


def test_the_zip_of_the_bank_is_read(files: tuple[Path, Path]) -> None:
    bank, _ = files
    packed = bank.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(bank, "eurofxref-hist.csv")
    assert read_bank_rates(packed) == read_bank_rates(bank)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Datum;USD\n", "does not begin with Date and currencies, USD among them"),
        ("Date,USD,\n27 November,1.16,\n", "line 2, column Date: '27 November' is no date"),
        ("Date,USD,GBP,\n2026-11-27,1.16,-1,\n", "line 2, column GBP: '-1' is no rate above 0"),
        ("Date,USD,\n2026-11-27,1.1,\n2026-11-27,1.1,\n", "line 3: 2026-11-27 stands there twice"),
        ("Date,USD,\n2019-01-02,1.14,\n", "has no rate since 2024-01-01"),
    ],
)
def test_another_file_is_refused_and_nothing_written(
    files: tuple[Path, Path], text: str, sentence: str
) -> None:
    bank, current = files
    bank.write_text(text, encoding="utf-8")
    with pytest.raises(BadConfiguration, match=sentence):
        import_rates(bank, current.parent, current=current, since=date(2024, 1, 1))
    assert current.read_text(encoding="utf-8") == CURRENT


def test_a_damaged_zip_and_an_absent_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "half.zip").write_bytes(b"PK\x03\x04half")
    with pytest.raises(BadConfiguration, match="damaged"):
        read_bank_rates(tmp_path / "half.zip")
    with pytest.raises(BadConfiguration, match="cannot be read"):
        read_bank_rates(tmp_path / "absent.csv")
