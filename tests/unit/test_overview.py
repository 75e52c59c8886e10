"""What the overview says of a figure beside its value, worked by hand."""

from datetime import date
from decimal import Decimal

from reports.headlines import Change, changes

MONTHS = [date(2026 - (n > 9), (9 - n) % 12 + 1, 1) for n in range(14)]  # Oct 2026 backwards


def rows(values: list[object]) -> list[dict[str, object]]:
    return [{"at": at, "value": value} for at, value in zip(MONTHS, values, strict=False)]


def test_amounts_differ_by_per_cent_from_the_month_and_the_year_before() -> None:
    values = [Decimal("120.00"), Decimal("100.00"), *[Decimal(1)] * 10, Decimal("150.00")]
    assert MONTHS[12] == date(2025, 10, 1)
    assert changes(rows([*values]), "at", "value", is_up_good=True) == (
        Change("▲ 20.0 % vs Sep 2026", "good"),
        Change("▼ 20.0 % vs Oct 2025", "bad"),
    )


def test_shares_differ_by_points_and_more_may_be_worse() -> None:
    assert changes(rows([0.11, 0.05]), "at", "value", is_up_good=False) == (
        Change("▲ 6.0 points vs Sep 2026", "bad"),
    )


def test_nothing_is_said_without_an_earlier_value() -> None:
    for earlier in ([], [None], [Decimal(0)]):
        assert changes(rows([Decimal(5), *earlier]), "at", "value", is_up_good=True) == ()
    assert changes(rows([None, Decimal(5)]), "at", "value", is_up_good=True) == ()
    assert changes(rows([Decimal(5), Decimal(5)]), "at", "value", is_up_good=True) == (
        Change("= 0.0 % vs Sep 2026", ""),
    )
