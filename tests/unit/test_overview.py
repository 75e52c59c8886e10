"""What the overview says of a figure beside its value, worked by hand."""

from datetime import date
from decimal import Decimal

from reports.headlines import Change, compared

MONTHS = [date(2026, 10 - n, 1) for n in range(3)]  # Oct 2026 backwards


def rows(values: list[object]) -> list[dict[str, object]]:
    return [{"at": at, "value": value} for at, value in zip(MONTHS, values, strict=False)]


def test_amounts_differ_by_per_cent() -> None:
    values = rows([Decimal("120.00"), Decimal("100.00"), Decimal("150.00")])
    assert compared(values, "at", column="value") == (
        Change("▲ 20.0 % vs Sep 2026", "good"),
        Change("▼ 20.0 % vs Aug 2026", "bad"),
    )
    assert [one.state for one in compared(values, "at", column="value", is_up_good=None)] == [
        "",
        "",
    ]
    assert compared(values[:2], "at", column="value", at_day=str) == (
        Change("▲ 20.0 % vs 2026-09-01", "good"),
    )


def test_shares_differ_by_points_and_more_may_be_worse() -> None:
    assert compared(rows([0.11, 0.05]), "at", column="value", is_up_good=False) == (
        Change("▲ 6.0 points vs Sep 2026", "bad"),
    )


def test_nothing_is_said_without_an_earlier_value() -> None:
    for earlier in ([], [None], [Decimal(0)]):
        assert compared(rows([Decimal(5), *earlier]), "at", column="value") == ()
    assert compared(rows([None, Decimal(5)]), "at", column="value") == ()
    assert compared(rows([Decimal(5), Decimal(5)]), "at", column="value") == (
        Change("= 0.0 % vs Sep 2026", ""),
    )
