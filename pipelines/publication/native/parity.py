"""Whether an engine's own marts are those of the working file, mart by mart, to the last row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.counting import counted
from models.marts import MARTS
from models.quoting import literal, quoted
from pipelines.base.settings import Settings
from pipelines.publication.native.builders import BUILDERS, There
from pipelines.publication.native.shipped import WORKING_FILE
from pipelines.transform.manifest import read_manifest
from pipelines.transform.marts import Mart, published_marts

CLOSE = 1e-9  # relative, of doubles: they are summed in another order
# Below it a double is what rounding left of 0.
NOTHING = 1e-12


@dataclass(frozen=True)
class Compared:
    """A mart of DuckDB and of another engine: its rows, the rows that one of them lacks, and
    columns that differ beyond what may be. `largest`: the largest relative difference of a double.
    """

    mart: str
    engine: str
    rows: int
    missing: int
    largest: float
    faults: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Whether both engines say the same."""
        return not self.missing and not self.faults

    @property
    def fault(self) -> str:
        """How the engine differs, in words; empty where it does not."""
        if self.missing:
            return f"{self.engine} DIFFERS: {counted(self.missing, 'row')} that one of them lacks"
        return f"{self.engine} DIFFERS in {', '.join(self.faults)}" if self.faults else ""


def told(found: Sequence[Compared]) -> str:
    """What was found of one mart at each engine, in words."""
    equal = [one for one in found if one.is_equal]
    agreeing = " = ".join(["duckdb", *(one.engine for one in equal)]) if equal else ""
    largest = max((one.largest for one in equal), default=0.0)
    close = f"doubles within {largest:.0e}" if largest else ""
    return ", ".join(part for part in (agreeing, close, *(one.fault for one in found)) if part)


def compared(settings: Settings, engine: str) -> Iterator[Compared]:
    """Each mart of the working file and at the engine, as both were built last."""
    marts = [mart for mart in published_marts(read_manifest(settings)) if mart.schema == MARTS]
    with BUILDERS[engine].reading(settings) as there:
        there.con.execute(
            f"attach {literal(str(settings.warehouse))} as {WORKING_FILE} (read_only)"
        )
        for mart in marts:
            yield _compared(there, mart, engine=engine)


def _compared(built: There, mart: Mart, *, engine: str) -> Compared:
    con = built.con
    here, there = (
        f"{WORKING_FILE}.{quoted(mart.schema)}.{quoted(mart.name)}",
        built.place(mart.schema, mart.name),
    )
    kinds = {name: kind for name, kind, *_ in con.execute(f"describe from {here}").fetchall()}
    types = {name: kind for name, kind, *_ in con.execute(f"describe from {there}").fetchall()}
    if list(types) != list(kinds):
        return Compared(mart.name, engine, 0, 0, 0.0, ("its columns",))
    faults = [
        f"{name} is {types[name]}" for name, kind in kinds.items()
        if built.kind(kind) != types[name]
    ]  # fmt: skip
    key = " and ".join(f"here.{quoted(name)} = there.{quoted(name)}" for name in mart.key)
    measured = ", ".join(difference_sql(name, kind) for name, kind in kinds.items())
    found = con.execute(
        f"select count(*), count(*) filter (where here.is_here is null or there.is_there is null), "
        f"{measured} from (select *, true as is_here from {here}) as here "
        f"full join (select *, true as is_there from {there}) as there on {key}"
    ).fetchall()[0]
    rows, missing, *differences = found
    largest = 0.0
    for (name, kind), difference in zip(kinds.items(), differences, strict=True):
        if kind == "DOUBLE":
            largest = max(largest, difference or 0.0)
        if (difference or 0) > (CLOSE if kind == "DOUBLE" else 0):
            faults.append(name)
    return Compared(mart.name, engine, rows, missing, largest, tuple(faults))


def difference_sql(name: str, kind: str) -> str:
    """SQL: rows of both in which a column differs; of a double its largest relative difference."""
    one, other = f"here.{quoted(name)}", f"there.{quoted(name)}"
    both = "here.is_here and there.is_there"
    if kind != "DOUBLE":
        return f"count(*) filter (where {both} and {one} is distinct from {other})"
    size = f"greatest(abs({one}), abs({other}), {NOTHING})"
    return (
        f"max(case when {one} is not distinct from {other} then 0 "
        f"when isfinite({one}) and isfinite({other}) then abs({one} - {other}) / {size} "
        "else 'infinity'::double end) "
        f"filter (where {both})"
    )
