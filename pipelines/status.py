"""What `hypnomart status` says: the last run, its age, the source, rows, failed checks, paths."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb

from pipelines.run_record import last_record
from pipelines.settings import Settings
from pipelines.source_url import masked

FAILED_CHECKS = """
select check_name, severity, status, failing_rows
from quality_results
where status <> 'passed' and run_id = (select max_by(run_id, checked_at) from quality_results)
order by severity, check_name
"""


def read_status(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Facts about this home; parts that do not exist yet are null. Never shows a password."""
    facts: dict[str, Any] = {
        "source": masked(settings.source_url) if settings.source_url else "embedded PostgreSQL",
        "home": str(settings.home),
        "published": str(settings.published) if settings.published.exists() else None,
        "reports": str(settings.reports_dir),
        "last_run": last_record(settings),
        "as_of_at": None,
        "age_hours": None,
        "rows": {},
        "failed_checks": [],
    }
    if settings.published.exists():
        facts |= _published_facts(settings, now)
    return facts


def _published_facts(settings: Settings, now: datetime) -> dict[str, Any]:
    with duckdb.connect(str(settings.published), read_only=True) as con:
        as_of = con.execute("select max(as_of_at) from run_manifest").fetchall()[0][0]
        tables = con.execute("select table_name, estimated_size from duckdb_tables() order by 1")
        rows = dict(tables.fetchall())
        cursor = con.execute(FAILED_CHECKS)
        names = [column[0] for column in cursor.description or ()]
        failed = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    age = (now.replace(tzinfo=None) - as_of).total_seconds() / 3600 if as_of else None
    return {"as_of_at": as_of, "age_hours": age, "rows": rows, "failed_checks": failed}


def as_text(facts: dict[str, Any]) -> str:
    """The facts as lines for a terminal."""
    run = facts["last_run"]
    last = f"{run['run_id']}, {run['status']}" if run else "none yet; run `hypnomart run`"
    as_of = (
        f"{facts['as_of_at']} UTC, {facts['age_hours']:.1f} hours ago" if facts["as_of_at"] else "-"
    )
    lines = [
        f"source     {facts['source']}",
        f"last run   {last}",
        f"as of      {as_of}",
        f"published  {facts['published'] or 'nothing yet'}",
        f"reports    {facts['reports']}",
        f"home       {facts['home']}",
    ]
    for check in facts["failed_checks"]:
        lines.append(
            f"check      {check['severity']} {check['check_name']}: "
            f"{check['status']}, {check['failing_rows']} rows"
        )
    lines += [f"rows       {table:<34} {count:>12,}" for table, count in facts["rows"].items()]
    return "\n".join(lines)
