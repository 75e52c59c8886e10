"""What `hypnomart status` says: what is published, how old, the last attempt, and what it met."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb

from models.counting import counted
from pipelines.base.run_record import last_run
from pipelines.base.settings import Settings
from pipelines.base.source_url import masked
from pipelines.base.target_settings import places

FAILED_CHECKS = """
select check_name, severity, status, failing_rows
from quality_results
where status <> 'passed' and run_id = (select max_by(run_id, checked_at) from quality_results)
order by severity, check_name
"""
PUBLISHED = "select run_id, published_at from meta.publication"
SOURCE_WROTE = "select max(last_event_at) from source_volume_daily"
ROWS = """
select table_name, estimated_size from duckdb_tables() where schema_name = 'main' order by 1
"""
LATE_AFTER_HOURS = 26  # the schedule is daily, and a run takes its time


def read_status(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Facts about this home; parts that do not exist yet are null. Never shows a password."""
    facts: dict[str, Any] = {
        "source": masked(settings.source_url) if settings.source_url else "embedded PostgreSQL",
        "home": str(settings.home),
        "published": str(settings.published) if settings.published.exists() else None,
        "engines": {
            name: f"{place}, {'each time' if name in settings.targets else 'by hand'}"
            for name, place in places(settings).items()
        },
        "reports": str(settings.reports_dir),
        "last_run": last_run(settings),
        "published_run": None,
        "published_at": None,
        "as_of_at": None,
        "age_hours": None,
        "is_late": None,
        "source_wrote_at": None,
        "rows": {},
        "failed_checks": [],
    }
    if settings.published.exists():
        facts |= _published_facts(settings, now)
    return facts


def _published_facts(settings: Settings, now: datetime) -> dict[str, Any]:
    with duckdb.connect(str(settings.published), read_only=True) as con:
        as_of = con.execute("select max(as_of_at) from run_manifest").fetchall()[0][0]
        rows = dict(con.execute(ROWS).fetchall())
        cursor = con.execute(FAILED_CHECKS)
        names = [column[0] for column in cursor.description or ()]
        failed = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        run_id, published_at = _one(con, PUBLISHED) or (None, None)
        (wrote_at,) = _one(con, SOURCE_WROTE) or (None,)
    age = (now.replace(tzinfo=None) - as_of).total_seconds() / 3600 if as_of else None
    return {
        "published_run": run_id,
        "published_at": published_at,
        "as_of_at": as_of,
        "age_hours": age,
        "is_late": None if age is None else age > LATE_AFTER_HOURS,
        "source_wrote_at": wrote_at,
        "rows": rows,
        "failed_checks": failed,
    }


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """The first row; none where an earlier state published without what is asked for."""
    try:
        return con.execute(sql).fetchone()
    except duckdb.CatalogException:
        return None


def as_text(facts: dict[str, Any]) -> str:
    """The facts as lines for a terminal."""
    lines = [
        f"source     {facts['source']}",
        f"published  {_publication(facts)}",
        *_last_attempt(facts),
        f"as of      {_age(facts)}",
        f"wrote      {_wrote(facts)}",
        f"marts      {facts['published'] or 'nothing yet'}",
        *(f"{name:<10} {place}" for name, place in facts["engines"].items()),
        f"reports    {facts['reports']}",
        f"home       {facts['home']}",
    ]
    for check in facts["failed_checks"]:
        lines.append(
            f"check      {check['severity']} {check['check_name']}: "
            f"{check['status']}, {counted(check['failing_rows'], 'row')}"
        )
    lines += [f"rows       {table:<34} {count:>12,}" for table, count in facts["rows"].items()]
    return "\n".join(lines)


def _publication(facts: dict[str, Any]) -> str:
    if facts["published"] is None:
        return "none yet; run `hypnomart run`"
    at = f" at {facts['published_at']:%Y-%m-%d %H:%M} UTC" if facts["published_at"] else ""
    return f"run {facts['published_run'] or 'unknown'}{at}"


def _last_attempt(facts: dict[str, Any]) -> list[str]:
    """The newest run where it is not the published one, and what stopped it."""
    run = facts["last_run"]
    if not run or run["run_id"] == facts["published_run"]:
        return []
    stopped = [f"{name}: {step['error']}" for name, step in run["steps"].items() if "error" in step]
    words = f"; {stopped[-1]}" if stopped else ""
    return [f"last run   {run['run_id']}, {run['status']}{words}"]


def _ago(hours: float) -> str:
    """A length of time as a person says it: hours up to two days, then days."""
    return f"{hours:,.1f} hours" if hours < 48 else f"{hours / 24:,.1f} days"


def _age(facts: dict[str, Any]) -> str:
    if facts["as_of_at"] is None:
        return "-"
    schedule = "late: a refresh is due each day" if facts["is_late"] else "in time for each day"
    return f"{facts['as_of_at']:%Y-%m-%d %H:%M:%S} UTC, {_ago(facts['age_hours'])} ago, {schedule}"


def _wrote(facts: dict[str, Any]) -> str:
    """How fresh the source itself was when it was read."""
    if facts["source_wrote_at"] is None:
        return "-"
    hours = (facts["as_of_at"] - facts["source_wrote_at"]).total_seconds() / 3600
    wrote = f"{facts['source_wrote_at']:%Y-%m-%d %H:%M:%S}"
    return f"{wrote} UTC the source last wrote, {_ago(hours)} before that"
