"""Days on the axis of a figure, those that Python cannot hold among them."""

from __future__ import annotations

from datetime import date

from reports.figures import Event, flags, in_order

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
DAYS = ["4713-01-01 (BC)", "0044-03-01 (BC)", MAY, JUNE, "10000-01-01", "294246-12-01"]


def test_days_stand_in_order_once_whatever_holds_them() -> None:
    assert in_order([*DAYS[::-1], JUNE]) == DAYS
    assert in_order(["b", "2 d", "a", "b"]) == ["2 d", "a", "b"]


def test_an_event_stands_at_its_day_between_those_of_other_ages() -> None:
    assert flags([Event(date(2026, 5, 20), "a price")], DAYS) == {2: "2026-05-20: a price"}
    assert flags([Event(date(2026, 7, 1), "a price")], DAYS) == {3: "2026-07-01: a price"}
    assert flags([Event(date(2026, 4, 1), "a price")], DAYS) == {}
