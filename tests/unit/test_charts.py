"""Charts draw what they are given, at the right place, and nothing wrong of little data."""

import re
import xml.etree.ElementTree as ElementTree
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import charts
from reports.charts import marks, scales
from reports.charts.forest import placed
from reports.charts.scales import Cell, Series, ticks
from reports.figures import Event, flags, largest, month
from reports.render.html import shown
from reports.subjects.credits import liability

SVG = "{http://www.w3.org/2000/svg}"
NAMES = {"title": "T", "description": "D", "unit": "USD"}
CSS = Path(__file__).resolve().parents[2] / "reports" / "templates" / "site.css"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def rects(svg: str, style: str) -> list[tuple[float, float]]:
    """Top and bottom of the columns of a style."""
    found = [r for r in parsed(svg).iter("rect") if r.get("class", "").split()[0] == style]
    tops = [(float(r.get("y", "")), float(r.get("height", ""))) for r in found]
    return [(round(y, 1), round(y + height, 1)) for y, height in tops]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (12, "12"), (-950, "-950"), (1500, "1,500"), (12000, "12k"), (12500, "12.5k"),
        (1_200_000, "1.2M"), (-3e9, "-3B"), (0.25, "0.25"), (0.5, "0.5"),
    ],
)  # fmt: skip
def test_axis_numbers_are_short(value: float, text: str) -> None:
    assert scales.compact(value) == text


@pytest.mark.parametrize("value", ["81.4450", "4.8650", "4.8750", "4.8850", "-0.1250", "1204.0050"])
def test_a_mark_and_the_table_beside_it_round_alike(value: str) -> None:
    assert scales.exact(float(value), scales.compact) == shown(Decimal(value)).removesuffix(".00")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (-30, 70, [-40, -20, 0, 20, 40, 60, 80]),
        (0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-5, -1, [-5, -4, -3, -2, -1, 0]),
        (3, 3, [0, 1, 2, 3]),
    ],
)
def test_ticks_are_round_and_enclose_zero(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == expected


@pytest.mark.parametrize(
    ("high", "expected"),
    [(12, [0, 5, 10, 15]), (1, [0, 1]), (3, [0, 1, 2, 3]), (110, [0, 25, 50, 75, 100, 125])],
)
def test_ticks_of_counts_are_whole(high: float, expected: list[float]) -> None:
    assert ticks(0, high, of_counts=True) == expected


@given(
    st.floats(-1e9, 1e9, allow_nan=False).filter(lambda v: v == 0 or abs(v) > 1e-6),
    st.floats(-1e9, 1e9, allow_nan=False).filter(lambda v: v == 0 or abs(v) > 1e-6),
)
def test_ticks_always_enclose_what_is_drawn(one: float, other: float) -> None:
    found = ticks(min(one, other), max(one, other))
    slack = (found[-1] - found[0]) * 1e-6
    assert 2 <= len(found) <= 9
    assert found[0] <= min(one, other, 0) + slack and found[-1] >= max(one, other, 0) - slack
    assert 0.0 in found


def test_columns_stand_on_zero_and_negative_ones_hang_below() -> None:
    series = [
        Series("up", "new", [100.0, 50.0]),
        Series("more", "expansion", [100.0, None]),
        Series("down", "churn", [-200.0, 0.0]),
    ]
    svg = charts.columns(["a", "b"], series, **NAMES)
    # axis from -200 to 200 over 260 units below y = 26: zero at 156, 100 USD is 65 units
    assert rects(svg, "new") == [(91.0, 156.0), (123.5, 156.0)]
    assert rects(svg, "expansion") == [(26.0, 91.0)]
    assert rects(svg, "churn") == [(156.0, 286.0)]


def test_a_column_says_its_exact_value_and_whether_it_is_incomplete() -> None:
    svg = charts.columns(["Oct"], [Series("net", "new", [12345.6])], incomplete=[True], **NAMES)
    (rect,) = parsed(svg).iter("rect")
    assert rect.get("class") == "new pale"
    assert rect.findtext("title") == "Oct · net: 12,345.60 (not complete)"
    assert len(list(parsed(svg).iter("path"))) == 1, "hatched"
    done = charts.columns(["Oct"], [Series("net", "new", [12345.6])], incomplete=[False], **NAMES)
    assert "12,345.60</title>" in done and "<path" not in done


@given(st.floats(0.5, 60), st.floats(0.5, 300))
def test_strokes_of_hatching_stay_within_the_column(width: float, height: float) -> None:
    drawn = marks.hatching(100, 50, width=width, height=height)
    for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", drawn):
        assert 99.9 <= float(x) <= 100 + width + 0.1 and 49.9 <= float(y) <= 50 + height + 0.1
    assert bool(drawn) == (width + height > scales.HATCH)


def test_a_line_has_a_gap_where_there_is_no_value() -> None:
    svg = charts.lines(
        ["a", "b", "c", "d"],
        [Series("k", "k", [1.0, None, 3.0, 4.0])],
        incomplete=[False, False, False, True],
        **NAMES,
    )
    root = parsed(svg)
    assert len([e for e in root.iter("line") if e.get("class") == "line k dashed"]) == 1
    dots = [e.get("class") for e in root.iter("circle")]
    assert dots == ["dot k", "dot k", "dot k hollow"]


def test_a_band_lies_behind_lines_between_its_ends() -> None:
    ends = (Series("low", "", [None, 2.0, 1.0]), Series("high", "", [None, 6.0, 8.0]))
    svg = charts.lines(["a", "b", "c"], [Series("k", "k", [4.0, 4.0, 4.0])], within=ends, **NAMES)
    (band,) = parsed(svg).iter("polygon")
    # 8 is the top of the axis at y = 26, 0 its foot at 286: 32.5 for each
    heights = [float(point.split(",")[1]) for point in band.get("points", "").split()]
    assert heights == [91.0, 26.0, 253.5, 221.0]
    said = [mark.findtext("title") for mark in parsed(svg).iter("rect")]
    assert said == ["b · 2 to 6", "c · 1 to 8"]
    assert svg.index("polygon") < svg.index("circle")


def test_the_smallest_series_are_drawn_as_one_where_colors_run_out() -> None:
    sizes = {"a": 5.0, "b": -9.0, "c": 1.0, "d": 7.0, "e": 8.0, "f": 2.0, "g": 6.0}
    series = [Series(name, "other", [size, None]) for name, size in sizes.items()]
    assert largest(series[:6]) == series[:6]
    drawn = largest(series)
    assert [one.name for one in drawn] == ["a", "b", "d", "e", "g", "2 others"]
    assert list(drawn[-1].values) == [3.0, None]


def test_the_bridge_draws_balance_and_movements_apart() -> None:
    svg = charts.bridge(
        ["a", "b"],
        [Series("new", "new", [10.0, 10.0]), Series("churn", "churn", [-5.0, -5.0])],
        closing=Series("closing", "closing", [5000.0, 5005.0]),
        **NAMES,
    )
    root = parsed(svg)
    lowest_dot = max(float(c.get("cy", "")) for c in root.iter("circle"))
    highest_column = min(float(r.get("y", "")) for r in root.iter("rect"))
    assert lowest_dot < highest_column
    assert len([*root.iter("rect")]) == 4


def test_areas_reach_the_sum_of_their_series() -> None:
    svg = charts.areas(
        ["a", "b"],
        [Series("x", "new", [30.0, 40.0]), Series("y", "churn", [70.0, None])],
        **NAMES,
    )
    assert [r.findtext("title") for r in parsed(svg).iter("rect")] == [
        "a: x 30, y 70",
        "b: x 40, y 0",
    ]
    upper = parsed(svg).findall("polygon")[1].get("points", "").split()
    # 100 is the top of the axis at y = 26; at b only x stands: 40 of 100 below 26 + 156
    assert [point.split(",")[1] for point in upper[:2]] == ["26.0", "182.0"]


def test_a_heat_map_shows_the_share_and_frames_what_still_grows() -> None:
    cells = {(0, 0): Cell(1.0, "all", True), (0, 1): Cell(0.4444, "4 of 9", False)}
    svg = charts.heat_map(["Jan"], ["0", "1"], cells=cells, title="T", description="D", unit="n")
    *groups, names = parsed(svg).findall("g")
    assert [g.get("class") for g in groups] == ["cell", "cell growing"]
    assert (names.get("class"), names.findtext("text")) == ("stays", "Jan")
    few = charts.heat_map(
        ["a"], ["0"], cells={(0, 0): Cell(0.5, "n", True, is_of_few=True)},
        title="T", description="D", unit="x",
    )  # fmt: skip
    assert 'class="cell few"' in few
    assert [g.findtext("text") for g in groups] == ["100", "44"]
    assert [g.findtext("title") for g in groups] == ["all", "4 of 9"]


@pytest.mark.parametrize("values", [[], [None, None]], ids=["no rows", "no value"])
def test_without_a_value_a_chart_says_so(values: list[float | None]) -> None:
    labels = [str(i) for i in range(len(values))]
    series = [Series("x", "new", values)]
    drawn = [
        charts.columns(labels, series, **NAMES),
        charts.lines(labels, series, **NAMES),
        charts.areas(labels, series, **NAMES),
        charts.bridge(labels, [], closing=series[0], **NAMES),
        charts.heat_map([], [], cells={}, title="T", description="D", unit="n"),
    ]
    for svg in drawn:
        assert "No data yet" in svg and not list(parsed(svg).iter("rect"))
    assert charts.sparkline(values, title="T") == ""


def test_one_value_is_one_mark() -> None:
    series = [Series("x", "new", [5.0])]
    assert len([*parsed(charts.columns(["a"], series, **NAMES)).iter("rect")]) == 1
    assert len([*parsed(charts.areas(["a"], series, **NAMES)).iter("rect")]) == 1
    assert len([*parsed(charts.lines(["a"], series, **NAMES)).iter("circle")]) == 1
    assert charts.sparkline([5.0], title="T") == ""


def test_a_flat_line_is_drawn_in_the_spark() -> None:
    assert 'points="2.0,28.0 118.0,28.0"' in charts.sparkline([7.0, 7.0], title="T")


def test_flags_stand_before_the_step_of_time_in_which_something_happened() -> None:
    months = [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)]
    events = [
        Event(date(2026, 8, 31), "too early"), Event(date(2026, 10, 1), "new prices"),
        Event(date(2026, 10, 31), "experiment"), Event(date(2026, 12, 24), "late"),
    ]  # fmt: skip
    found = flags(events, months)
    assert found == {
        1: "2026-10-01: new prices; 2026-10-31: experiment", 2: "2026-12-24: late"
    }  # fmt: skip
    assert flags(events[1:2], ["0044-03-01 (BC)", *months]) == {2: "2026-10-01: new prices"}
    series = [Series("x", "new", [1.0, 1.0, 1.0])]
    labels = ["a", "b", "c"]
    for svg in (
        charts.columns(labels, series, flags=found, **NAMES),
        charts.lines(labels, series, flags=found, **NAMES),
        charts.areas(labels, series, flags=found, **NAMES),
    ):
        drawn = [g for g in parsed(svg).iter("g") if g.get("class") == "flag"]
        assert [g.findtext("title") for g in drawn] == list(found.values())
        assert [g.findtext("text") for g in drawn] == ["1", "2"]
        # bands are (680 - 62 - 14) / 3 = 201.3 wide from 62 on
        assert [line.get("x1") for g in drawn for line in g.iter("line")] == ["263.3", "464.7"]
    balance = charts.bridge(labels, series, closing=series[0], flags=found, **NAMES)
    assert balance.count('class="flag"') == 4  # two flags in two panels


def test_a_chain_is_a_tree_whose_parents_stand_amid_their_children() -> None:
    links = [
        charts.Link("root", "a", True), charts.Link("root", "b", False),
        charts.Link("a", "c", False), charts.Link("other", "d", True),
    ]  # fmt: skip
    knots = placed(links)
    assert {id: (one.step, one.line) for id, one in knots.items()} == {
        "c": (2, 0), "a": (1, 0), "b": (1, 1), "root": (0, 0.5), "d": (1, 2), "other": (0, 2),
    }  # fmt: skip
    svg = parsed(charts.forest(links, title="T", description="D"))
    dots = [(dot.findtext("title"), dot.get("class")) for dot in svg.iter("circle")]
    assert ("a, premium", "dot k") in dots and ("b, free", "dot k hollow") in dots
    assert len(dots) == 6 and len([*svg.iter("path")]) == 4
    assert "No data yet" in charts.forest([], title="T", description="D")


def test_text_stays_text() -> None:
    bad = '"><script>alert(1)</script>&'
    series = [Series(bad, "new", [1.0])]
    names = {"title": bad, "description": bad, "unit": bad}
    for svg in (
        charts.columns([bad], series, **names),
        charts.lines([bad], series, **names),
        charts.bridge([bad], series, closing=series[0], **names),
        charts.heat_map(
            [bad], [bad], cells={(0, 0): Cell(1, bad, True)}, title=bad, description=bad, unit=bad
        ),
    ):
        assert "<script" not in svg
        parsed(svg)


@given(
    st.lists(st.tuples(*[st.one_of(st.none(), st.floats(-1e7, 1e7))] * 3), min_size=1, max_size=40)
)
def test_every_mark_lies_inside_its_chart(values: list[tuple[float | None, ...]]) -> None:
    labels = [f"{n} Sep 26" for n in range(len(values))]
    series = [Series(str(n), "new", [row[n] for row in values]) for n in range(3)]
    svg = charts.columns(labels, series, **NAMES)
    for rect in parsed(svg).iter("rect"):
        y, height = float(rect.get("y", "")), float(rect.get("height", ""))
        assert y >= 25 and y + height <= 287
        assert 0 <= float(rect.get("x", "")) <= 680


@pytest.mark.parametrize("count", [1, 2, 12, 13, 24, 52, 366])
def test_labels_do_not_overlap_and_the_last_one_is_there(count: int) -> None:
    labels = [f"{n % 28 + 1} Sep 26" for n in range(count)]
    svg = charts.columns(labels, [Series("x", "new", [1.0] * count)], **NAMES)
    ticks_below = [t for t in parsed(svg).iter("text") if float(t.get("y", "")) > 290]
    assert ticks_below[-1].text == labels[-1]
    spans = []
    for tick in ticks_below:
        x, width = float(tick.get("x", "")), len(tick.text or "") * 6.5
        is_end = "end" in (tick.get("class") or "")
        spans.append((x - width, x) if is_end else (x - width / 2, x + width / 2))
    assert all(left[1] < right[0] for left, right in pairwise(spans))
    assert spans[-1][1] <= 680


def luminance(colour: tuple[float, float, float]) -> float:
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def colours(block: str) -> dict[str, tuple[float, float, float]]:
    return {
        name: tuple(int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))  # type: ignore[misc]
        for name, code in re.findall(r"--([\w-]+): #([0-9a-f]{6})", block)
    }


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_can_be_told_from_the_page(scheme: int) -> None:
    block = re.findall(r":root \{(.*?)\}", CSS.read_text("utf-8"), re.DOTALL)[scheme]
    named = colours(block)
    for ground in ("page", "card"):
        for text in ("ink", "soft", "good", "warn", "bad"):
            assert contrast(named[text], named[ground]) >= 4.5, text
    for mark in ("blue", "teal", "violet", "orange", "red", "grey"):
        assert contrast(named[mark], named["card"]) >= 3, mark
    for share in range(11):  # the shades of a heat map, under their figures
        opacity = 0.05 + 0.95 * share / 10
        shade = tuple(
            h * opacity + c * (1 - opacity)
            for h, c in zip(named["heat"], named["card"], strict=True)
        )
        assert contrast(named["ink"], shade) >= 4.5, share  # type: ignore[arg-type]


def test_a_month_that_python_cannot_hold_stays_as_duckdb_wrote_it() -> None:
    assert month(date(2026, 10, 1)) == "Oct 2026"
    assert month("0044-03-01 (BC)") == "0044-03-01 (BC)"


def test_what_was_not_observed_of_the_liability_is_hatched() -> None:
    """Use of unknown age is taken off in the month of the first run: no fall of February's."""
    rows = [
        {
            "month": date(2026, number, 1),
            "outstanding_credits": credits,
            "liability_usd": usd,
            "unobserved_consumed_credits": unseen,
            "unobserved_recognised_usd": unseen / 1000,
            "is_observed": number > 2,
            "is_complete": number < 4,
            "is_settled": 2 < number < 4,
        }
        for number, credits, usd, unseen in (
            (1, 9000, 6.64, 0),
            (2, 4000, 2.95, 5000),
            (3, 4000, 2.95, 0),
            (4, 3000, 2.21, 0),
        )
    ]
    figure = liability(list(rows))
    assert figure.svg.count(" pale") == 3
    assert figure.table.rows[-2] == ["Feb 2026", 2.95, 4000, 5000, 5.0, False, True]
    assert "not observed" in figure.words.text
