"""Exchange rates from the history file that the European Central Bank publishes.

`eurofxref-hist.zip`, or the CSV in it: a line per day, newest first, a column per currency, units
of it for one euro, N/A where none was fixed. A seed row is US dollars for one unit.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from pathlib import Path

from models.errors import BadConfiguration
from pipelines.transform.seeds.files import column_types, read_seed, write_seed

WHERE = "download eurofxref-hist.zip from the European Central Bank's page of reference rates"
# The whole history since 1999 is about 1 MB.
MOST_BYTES = 50_000_000
EIGHT_PLACES = Decimal("0.00000001")
NO_RATE = ("", "N/A")

Rates = dict[tuple[str, date], Decimal]


@dataclass(frozen=True)
class Imported:
    """What an import wrote: currencies and days of the bank, and currencies left as they were."""

    path: Path
    currencies: int
    first: date
    last: date
    rates: int
    kept: tuple[str, ...]


def import_rates(source: Path, folder: Path, *, current: Path, since: date) -> Imported:
    """Write fx_rates.csv into a folder from the bank's file.

    `current` is the fx_rates.csv in force: what it says of other currencies, and of days before
    the first imported one, stays. Raises BadConfiguration; nothing is written then.
    """
    rates = {key: rate for key, rate in read_bank_rates(source).items() if key[1] >= since}
    if not rates:
        raise BadConfiguration(f"{source} has no rate since {since}; {WHERE}.")
    first, last = min(day for _, day in rates), max(day for _, day in rates)
    imported = {currency for currency, _ in rates}
    before = [row for _, row in read_seed(current).rows]
    kept = [
        row
        for row in before
        if row["currency"].upper() not in imported or date.fromisoformat(row["rate_date"]) < first
    ]
    rows = kept + [
        {"currency": currency, "rate_date": day.isoformat(), "usd_per_unit": f"{rate:f}"}
        for (currency, day), rate in rates.items()
    ]
    rows.sort(key=lambda row: (row["currency"], row["rate_date"]))
    path = folder / "fx_rates.csv"
    write_seed(path, tuple(column_types("fx_rates")), rows=rows)
    others = tuple(sorted({row["currency"].upper() for row in before} - imported))
    return Imported(path, len(imported), first, last, len(rates), others)


def read_bank_rates(source: Path) -> Rates:
    """US dollars for a unit, by currency and day. Raises BadConfiguration with line and column."""
    reader = csv.reader(_text_of(source).splitlines())
    header = [cell.strip() for cell in next(reader, [])]
    if header[:1] != ["Date"] or "USD" not in header:
        raise BadConfiguration(
            f"{source} does not begin with Date and currencies, USD among them; {WHERE}."
        )
    rates: Rates = {}
    for row in reader:
        if any(cell.strip() for cell in row):
            place = f"{source}, line {reader.line_num}"
            for currency, day, rate in _rates_of(header, row, place=place):
                if (currency, day) in rates:
                    raise BadConfiguration(f"{place}: {day} stands there twice.")
                rates[currency, day] = rate
    return rates


def _rates_of(
    header: list[str], row: list[str], *, place: str
) -> Iterator[tuple[str, date, Decimal]]:
    """One day's rates in dollars; nothing of a day without one of the dollar."""
    try:
        day = date.fromisoformat(row[0].strip())
    except ValueError as error:
        raise BadConfiguration(f"{place}, column Date: {row[0]!r} is no date.") from error
    units = {
        currency: _units(cell.strip(), f"{place}, column {currency}")
        for currency, cell in zip(header[1:], row[1:], strict=False)
        if currency and cell.strip() not in NO_RATE
    }
    dollars = units.pop("USD", None)
    if dollars is None:
        return
    with localcontext() as context:
        context.prec = 40
        for currency, of_one_euro in {"EUR": Decimal(1), **units}.items():
            rate = (dollars / of_one_euro).quantize(EIGHT_PLACES, ROUND_HALF_UP)
            yield currency, day, rate


def _units(text: str, place: str) -> Decimal:
    try:
        units = Decimal(text)
    except InvalidOperation:
        units = Decimal(0)
    if not units.is_finite() or units <= 0:
        raise BadConfiguration(f"{place}: {text!r} is no rate above 0.")
    return units


def _text_of(source: Path) -> str:
    """The CSV text of a file, or of the one CSV file in a zip."""
    try:
        data = source.read_bytes()
    except OSError as error:
        raise BadConfiguration(f"{source} cannot be read: {error.strerror}.") from error
    if data[:2] == b"PK":
        data = _unpacked(source, data)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadConfiguration(f"{source} is neither a zip nor CSV text; {WHERE}.") from error


def _unpacked(source: Path, data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [info for info in archive.infolist() if re.search(r"\.csv$", info.filename)]
            if len(names) != 1 or names[0].file_size > MOST_BYTES:
                raise BadConfiguration(f"{source} does not hold one CSV file of rates; {WHERE}.")
            return archive.read(names[0])
    except zipfile.BadZipFile as error:
        raise BadConfiguration(f"{source} is a damaged zip file; {WHERE}.") from error
