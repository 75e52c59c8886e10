"""What is wrong with a seed file, before anything runs: a sentence with file, line and column."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from models.counting import counted
from models.errors import BadConfiguration
from pipelines.base.settings import Settings
from pipelines.transform.seeds.files import SEEDS, SeedFile, column_types, read_seed
from pipelines.transform.seeds.rules import RULES, Rule

BOOLEANS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
FOREVER = (date.min, date.max)


def refuse_faulty_seeds(settings: Settings) -> list[str]:
    """Read every file of HYPNOMART_SEEDS; returns what was read otherwise than it stands.

    Raises BadConfiguration with the first fault and how many there are.
    """
    files = [read_seed(path) for path in own_seeds(settings)]
    faults = [fault for file in files for fault in seed_faults(file)]
    if faults:
        others = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
        raise BadConfiguration(f"{faults[0]}{others}")
    return [warning for file in files for warning in file.warnings]


def own_seeds(settings: Settings) -> list[Path]:
    """The user's files. Raises BadConfiguration for one that replaces no shipped seed."""
    if settings.seeds_dir is None:
        return []
    shipped = {path.name for path in SEEDS.glob("*.csv")}
    replaced = sorted(settings.seeds_dir.glob("*.csv"))
    if unknown := [path.name for path in replaced if path.name not in shipped]:
        raise BadConfiguration(
            f"HYPNOMART_SEEDS holds {', '.join(unknown)}, which replaces no seed; "
            f"the seeds are {', '.join(sorted(shipped))}."
        )
    return replaced


def seed_faults(seed: SeedFile) -> Iterator[str]:
    """Every fault of a file, in the order of its lines."""
    rule = RULES[seed.name]
    seen: dict[tuple[str, ...], list[tuple[int, tuple[date, date]]]] = defaultdict(list)
    for line, row in seed.rows:
        faults = [
            f"{seed.path}, line {line}, column {column}: {fault}."
            for column, kind in column_types(seed.name).items()
            if (fault := _value_fault(rule, column, kind=kind, text=row[column]))
        ]
        yield from faults
        if faults:
            continue
        span = _span(row) if rule.is_dated else FOREVER
        if span[0] >= span[1]:
            yield (
                f"{seed.path}, line {line}, column valid_to: {row['valid_to']} is not after "
                f"valid_from, {row['valid_from']}."
            )
            continue
        key = tuple(row[column].lower() for column in rule.key)
        for other, (start, end) in seen[key]:
            if span[0] < end and start < span[1]:
                yield _repeated(seed.path, line, other=other, rule=rule, day=max(start, span[0]))
                break
        seen[key].append((line, span))
    if seed.name == "price_book":
        yield from _months_faults(seed)


def _months_faults(seed: SeedFile) -> Iterator[str]:
    """A subscription, product/base plan, has one length of period in all its rows that say one."""
    months: dict[str, str] = {}
    plans = {row["product_key"].lower(): line for line, row in seed.rows}
    for line, row in seed.rows:
        plan, said = row["product_key"].lower(), row["billing_months"]
        if said and months.setdefault(plan, said) != said:
            yield (
                f"{seed.path}, line {line}, column billing_months: {row['product_key']} has "
                f"{counted(int(months[plan]), 'month')} in another row."
            )
    for plan, line in plans.items():
        if "/" in plan and plan not in months:
            yield (
                f"{seed.path}, line {line}, column billing_months: {plan} is a subscription; "
                "say how many months one period lasts."
            )


def _repeated(path: Path, line: int, *, other: int, rule: Rule, day: date) -> str:
    if rule.is_dated:
        since = "always" if day == date.min else f"on {day}"
        return (
            f"{path}, line {line}, column valid_from: the row and line {other} both hold {since}; "
            "end the older one with valid_to."
        )
    return f"{path}, line {line}, column {rule.key[0]}: line {other} says the same once more."


def _span(row: dict[str, str]) -> tuple[date, date]:
    start, end = row["valid_from"], row["valid_to"]
    return (
        date.fromisoformat(start) if start else date.min,
        date.fromisoformat(end) if end else date.max,
    )


def _value_fault(rule: Rule, column: str, *, kind: str, text: str) -> str | None:
    """What is wrong with one value, in words; None where nothing is."""
    if not text:
        return "nothing stands there" if column in rule.required else None
    choices = rule.choices.get(column)
    if choices and text.lower() not in choices:
        return f"{text!r} is unknown; it is one of {', '.join(choices)}"
    if kind == "date":
        return _date_fault(text)
    if kind == "boolean":
        return None if text.lower() in BOOLEANS else f"{text!r} is neither true nor false"
    if kind == "bigint" or kind.startswith("decimal"):
        return _number_fault(text, kind, limits=rule.ranges.get(column))
    return None


def _date_fault(text: str) -> str | None:
    try:
        date.fromisoformat(text)
    except ValueError:
        return f"{text!r} is no date; write it as 2026-07-01"
    return (
        None if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else f"{text!r} is no date like 2026-07-01"
    )


def _number_fault(text: str, kind: str, *, limits: tuple[str, str] | None) -> str | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite():
        return f"{text!r} is no number; write it as 4.95"
    if kind == "bigint" and not re.fullmatch(r"-?\d+", text):
        return f"{text!r} is no whole number"
    if limits and not Decimal(limits[0]) <= value <= Decimal(limits[1]):
        return f"{text} does not lie between {limits[0]} and {limits[1]}"
    return None
