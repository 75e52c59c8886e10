"""What the checks find of what the simulator planted, kind by kind: printed by `make detection`.

Simulated businesses are looked at on the opening day and twice in the four days after it, since
some faults show only between two looks.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import polars as pl

from checks.catalogue import FINDINGS, rules_of_suites
from models.apply import apply_schema
from models.simulation import advance, simulate
from models.simulation.planting import KINDS, UNSEEN
from models.tables import TABLES
from pipelines.base.embedded import wheel_programs
from pipelines.base.settings import Settings
from pipelines.extract.run import extract
from pipelines.transform.check_models import LAYER, check_models
from tests.checked_rows import check
from tests.conftest import new_database, running_server
from tests.warehouse import build, compiled_sql, parsed_project, read, settings_at

OPENED = date(2026, 10, 31)
STEPS = (2, 2)  # days between looks
LAST = OPENED + timedelta(days=sum(STEPS))
OF_TABLES = "source_stalled"
SEEDS = (9, 10, 11)
LONGEST_SILENCE = 20  # days


def look(settings: Settings, url: str, number: int, day: date) -> None:
    """Extract, and put the extraction at midnight of the day."""
    run_id = f"run-{number}"
    extract(settings, source_url=url, run_id=run_id, progress=lambda _: None, full_refresh=False)
    with duckdb.connect(str(settings.warehouse)) as con:
        moment = f"{day} 00:00:00"
        con.execute("update meta.run_manifest set as_of_at = ? where run_id = ?", [moment, run_id])
        ((seen,),) = con.execute(
            "select as_of_at from meta.snapshots where run_id = ?", [run_id]
        ).fetchall()
        con.execute("update meta.snapshots set as_of_at = ? where run_id = ?", [moment, run_id])
        for table in TABLES:
            con.execute(
                f"update raw.{table.name} set _loaded_at = ? where _loaded_at = ?", [moment, seen]
            )
            if table.has_history:
                con.execute(
                    f"update past.{table.name} set _seen_at = ? where _seen_at = ?", [moment, seen]
                )


@dataclass(frozen=True)
class Detected:
    """What became of the planted rows of a kind: found at the row itself, only at its user, not."""

    row: int = 0
    user: int = 0
    none: int = 0

    @property
    def at(self) -> str:
        """Where all of them are found: the weakest answer."""
        return "none" if self.none else "user" if self.user else "row"


@dataclass(frozen=True)
class Matrix:
    """Every planted kind with what was found of it, and findings of what nobody planted."""

    kinds: dict[str, Detected]
    false_alarms: list[tuple[str, str, str]]

    def lines(self) -> list[str]:
        """The matrix as text, faults first, then what is no fault of a row with the reason."""
        told = [f"{'kind':32}{'row':>6}{'user':>6}{'none':>6}"]
        for kind, found in self.kinds.items():
            if kind not in UNSEEN:
                told.append(f"{kind:32}{found.row:>6}{found.user:>6}{found.none:>6}")
        told += ["", "no finding is right:"]
        told += [f"{kind:32}{reason}" for kind, reason in UNSEEN.items() if kind in self.kinds]
        alarms = Counter(check for check, _, _ in self.false_alarms)
        told += ["", f"false alarms: {sum(alarms.values())}"]
        told += [f"{check:32}{count:>6}" for check, count in alarms.items()]
        return [*told, "", self.summary()]

    def summary(self) -> str:
        """One line: how many kinds are found where."""
        faults = {kind: found for kind, found in self.kinds.items() if kind not in UNSEEN}
        at = Counter(found.at for found in faults.values())
        return (
            f"{len(faults)} kinds of faults: {at['row']} found at their row, {at['user']} at the "
            f"user, {at['none']} not; {len(self.kinds) - len(faults)} kinds of which no finding is "
            f"right; {len(self.false_alarms)} false alarms"
        )


def checked_business(
    settings: Settings, url: str, *, users: int, days: int, seed: int, faults: str
) -> None:
    """Simulate, look three times, and look for findings."""
    simulate(
        url, users=users, days=days, seed=seed, until=OPENED, faults=faults,
        truth_dir=settings.truth_dir, progress=lambda _: None,
    )  # fmt: skip
    look(settings, url, 0, OPENED)
    day = OPENED
    for number, step in enumerate(STEPS, start=1):
        day += timedelta(days=step)
        advance(url, days=step, truth_dir=settings.truth_dir, progress=lambda _: None)
        look(settings, url, number, day)
    find(settings, day)


def find(settings: Settings, day: date) -> None:
    """Build what the findings read, and look for them as of the midnight of the day."""
    nodes = parsed_project()["nodes"].values()
    build(settings, *(node["name"] for node in nodes if node["fqn"][1] == LAYER))
    models = check_models(parsed_project())
    named = [*rules_of_suites(), *(model for model in models if model.suite == FINDINGS)]
    names = {check.check_name for check in named} | {OF_TABLES}
    midnight = datetime.combine(day, time())
    results = check(settings.warehouse, run_id="found", checked_at=midnight, names=names)
    assert [r.check_name for r in results if r.status == "broken"] == []


def findings_of(settings: Settings) -> list[tuple[str, str, str, str]]:
    """(check, table, row, user) of every finding; a stalled table is a row of its name."""
    found = read(
        settings,
        "select check_name, source_table, source_id::text as id, user_id::text as user_id "
        "from quality.quality_findings",
    )
    told = [(f["check_name"], f["source_table"], f["id"], f["user_id"] or "") for f in found]
    stalled = read(
        settings,
        "select failing_keys from quality.quality_results where check_name = ?",
        OF_TABLES,
    )
    tables = [t.name for t in TABLES if f"source_table={t.name};" in stalled[0]["failing_keys"]]
    return told + [(OF_TABLES, table, table, "") for table in tables]


def matrix_of(settings: Settings) -> Matrix:
    """Hold the findings against the ledger of what was planted."""
    ledger = pl.read_parquet(settings.truth_dir / "faults.parquet").to_dicts()
    found = findings_of(settings)
    rows = {(table, row) for _, table, row, _ in found}
    users = {user for _, _, _, user in found if user}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    faulty_rows, faulty_users = set(), set()
    for planted in ledger:
        row = (planted["table_name"], planted["row_id"] or planted["table_name"])
        at = "row" if row in rows else "user" if planted["user_id"] in users else "none"
        counts[planted["kind"]][at] += 1
        if planted["kind"] not in UNSEEN:
            faulty_rows.add(row)
            faulty_users.add(planted["user_id"])
    alarms = [
        (check, table, row)
        for check, table, row, user in found
        if (table, row) not in faulty_rows and (not user or user not in faulty_users)
    ]
    kinds = {kind: Detected(**counts[kind]) for kind in KINDS if kind in counts}
    return Matrix(kinds, alarms)


def silences_found(settings: Settings) -> dict[str, int]:
    """After how many days of silence a table is found, by table; each falls silent alone."""
    sql = compiled_sql(OF_TABLES)
    found = {}
    with duckdb.connect() as con:
        con.execute(f"attach '{settings.warehouse}' as built (read_only)")
        con.execute("create schema marts")
        volumes = "marts.source_volume_daily"
        con.execute(f"create table {volumes} as from built.{volumes} where is_complete")
        planted = {row[0] for row in con.execute(sql).fetchall()}
        for table in TABLES:
            con.execute("begin")
            for days in range(1, LONGEST_SILENCE + 1):
                con.execute(
                    f'update {volumes} set "rows" = 0 where source_table = ? '
                    f"and date > (select max(date) from {volumes}) - {days}",
                    [table.name],
                )
                if silent := {row[0] for row in con.execute(sql).fetchall()} - planted:
                    assert silent == {table.name}
                    found[table.name] = days
                    break
            con.execute("rollback")
    return found


def together(matrices: list[Matrix]) -> Matrix:
    """What was found in several businesses."""
    kinds: dict[str, Detected] = {}
    for matrix in matrices:
        for kind, found in matrix.kinds.items():
            so_far = kinds.get(kind, Detected())
            kinds[kind] = Detected(
                so_far.row + found.row, so_far.user + found.user, so_far.none + found.none
            )
    return Matrix(kinds, [alarm for matrix in matrices for alarm in matrix.false_alarms])


def main() -> None:
    """Print the matrix of three businesses of 5,000 users with every kind of fault."""
    matrices = []
    for server in running_server(wheel_programs()):
        for seed in SEEDS:
            with tempfile.TemporaryDirectory() as folder, new_database(server) as url:
                settings = settings_at(Path(folder))
                apply_schema(url)
                checked_business(settings, url, users=5_000, days=400, seed=seed, faults="all")
                matrices.append(matrix_of(settings))
                silences = silences_found(settings)
    print("\n".join(together(matrices).lines()))
    told = [f"{table} {days}" for table, days in sorted(silences.items(), key=lambda s: s[1])]
    print(f"days of silence after which a table is found: {', '.join(told)}")


if __name__ == "__main__":
    main()
