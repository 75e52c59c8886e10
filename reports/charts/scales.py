"""What charts are drawn on: scales, bands, and numbers as their axes and marks show them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

WIDTH, WIDE, HEIGHT = 680, 1240, 320
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 26, 34
HATCH = 6.0  # from one stroke to the next
OPEN = " (not complete)"
LETTER = 7.0  # width of a letter of a label, generously

Value = float | None
Format = Callable[[float], str]
NO_FLAGS: Mapping[int, str] = MappingProxyType({})


FEW = 10  # people below which a share says little


def is_of_few(people: int | None) -> bool:
    """Whether a share of so many people is grayed."""
    return people is not None and people < FEW


@dataclass(frozen=True)
class Series:
    """One colour of a chart; `style` is its class in the style sheet, `column` that of the mart
    where it shows one. None is no value. `people`: how many are behind each value, where known."""

    name: str
    style: str
    values: Sequence[Value]
    column: str = ""
    people: Sequence[int | None] = ()

    def people_at(self, step: int) -> int | None:
        """How many people are behind a value."""
        return self.people[step] if self.people else None


@dataclass(frozen=True)
class Cell:
    """One cell of a heat map: a share in [0, 1], its tooltip, and whether it is still growing."""

    rate: float
    note: str
    is_complete: bool
    is_of_few: bool = False  # of too few people to mean much


@dataclass(frozen=True)
class Plot:
    """A rectangle with `count` equal bands across and the values from low to high upwards."""

    top: float
    height: float
    low: float
    high: float
    count: int
    width: float = WIDTH

    @property
    def band(self) -> float:
        """Width of one band."""
        return (self.width - LEFT - RIGHT) / max(self.count, 1)

    def x(self, index: float) -> float:
        """Centre of a band."""
        return LEFT + (index + 0.5) * self.band

    def y(self, value: float) -> float:
        """Height of a value, downwards as SVG counts."""
        return self.top + self.height * (self.high - value) / (self.high - self.low)


def compact(value: float) -> str:
    """A number for an axis: 1234567 is 1.2M, -950 is -950."""
    size = abs(value)
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if size >= limit:
            return f"{value / (1e3 if unit == 'k' else limit):,.1f}".removesuffix(".0") + unit
    return f"{value:,.2f}".rstrip("0").rstrip(".") if size else "0"


def percent(value: float) -> str:
    """A share for an axis: 0.25 is 25%."""
    return f"{value * 100:.4g}%"


def exact(value: float, number: Format) -> str:
    """A number for a tooltip: a share with one decimal, else up to two decimals, rounded as the
    table beside the chart rounds the decimal that it came from."""
    if number is percent:
        return f"{value * 100:.1f}%"
    return f"{Decimal(repr(value)):,.2f}".removesuffix(".00")


def ticks(low: float, high: float, *, most: int = 5, of_counts: bool = False) -> list[float]:
    """Round values that enclose low, high and zero; two at least. Of counts they are whole."""
    low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-6:  # nothing that is drawn is so small
        low, high = 0.0, 1.0
    raw = (high - low) / most
    magnitude = 10.0 ** math.floor(math.log10(raw))
    steps = [m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= raw * 0.999999]
    step = next(step for step in [*steps, 1.0] if not of_counts or step.is_integer())
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 10) for n in range(first, last + 1)]


def has_values(labels: Sequence[str], series: Sequence[Series]) -> bool:
    """Whether there is anything to draw."""
    return bool(labels) and any(v is not None for one in series for v in one.values)


def are_counts(series: Sequence[Series]) -> bool:
    """Whether every value is whole, as of people or plays."""
    return all(v is None or float(v).is_integer() for one in series for v in one.values)


def stack_range(series: Sequence[Series], count: int) -> tuple[float, float]:
    """The lowest and the highest end of the stacks."""
    stacks = [[one.values[i] or 0.0 for one in series] for i in range(count)]
    lows = (sum(v for v in stack if v < 0) for stack in stacks)
    highs = (sum(v for v in stack if v > 0) for stack in stacks)
    return min(lows, default=0.0), max(highs, default=0.0)
