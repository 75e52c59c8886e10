"""Reports of months and weeks: partitions that are filled back, and sensors that follow what is
published."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date

import dagster as dg
import pytest

from pipelines.base.settings import Settings
from pipelines.definitions import build_definitions
from pipelines.orchestration.defs.partitions import MONTHS, WEEKS, offer_past
from pipelines.orchestration.defs.publication import KEY
from pipelines.transform.dbt import environment
from reports.published import Period, open_published, parsed
from tests.published_sample import write_published
from tests.written_site import dead_links


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home with a published file as of 22 November 2026, and an instance of Dagster."""
    home = tmp_path_factory.mktemp("periods")
    write_published(home / "published" / "hypnomart.duckdb")
    (home / "dagster").mkdir()
    settings = Settings(home, home / "reports")
    with environment({"DAGSTER_HOME": str(home / "dagster")}):
        with dg.DagsterInstance.get() as instance:
            offer_past(instance, settings)
        yield settings


def fill(settings: Settings, job: str, partition: str) -> bool:
    with dg.DagsterInstance.get() as instance:
        definition = build_definitions(settings).resolve_job_def(job)
        return definition.execute_in_process(instance=instance, partition_key=partition).success


def test_past_months_and_weeks_are_filled_back_beside_the_days(settings: Settings) -> None:
    for job, partition in (
        ("monthly_reports", "2026-08"),
        ("monthly_reports", "2026-10"),
        ("weekly_reports", "2026-W44"),
    ):
        assert fill(settings, job, partition)
    out = settings.reports_dir
    assert {path.name for path in out.iterdir()} == {"2026-08", "2026-10", "2026-W44", "index.html"}
    august = (out / "2026-08" / "overview.html").read_text("utf-8")
    assert "months up to 2026-08" in august and "Sep 2026" not in august
    week = out / "2026-W44"
    assert "up to the end of week 2026-W44" in (week / "revenue.html").read_text("utf-8")
    pages = {path.name: path.read_text("utf-8") for path in week.glob("*.html")}
    assert [name for name, page in pages.items() if "Nov 2026" in page] == []  # it ends on the 1st
    assert "From opening to closing MRR of Oct 2026" in pages["subscriptions.html"]
    assert "at the end of 2026-11-01" in pages["overview.html"]  # so MRR there is another
    with (week / "csv" / "fct_revenue.csv").open(encoding="utf-8") as stream:
        assert [row["entry_id"] for row in csv.DictReader(stream)] == ["1", "2"]  # 31 Oct, 1 Nov
    with (week / "csv" / "revenue_monthly.csv").open(encoding="utf-8") as stream:
        months = {row["revenue_month"] for row in csv.DictReader(stream)}
    assert months == {"2026-10-01", "2026-11-01"}
    index = (out / "index.html").read_text("utf-8")
    assert index.index("2026-10/index.html") < index.index("2026-08/index.html")
    assert dead_links(out) == []
    before = json.loads((out / "2026-08" / "manifest.json").read_text())
    assert fill(settings, "monthly_reports", "2026-08")
    assert json.loads((out / "2026-08" / "manifest.json").read_text()) == before


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-10", date(2026, 11, 1)),
        ("2026-11", date(2026, 12, 1)),
        ("2026-W43", date(2026, 10, 1)),
        ("2026-W46", date(2026, 11, 1)),
        ("2026-W47", date(2026, 11, 23)),  # of the extraction: nothing came after it
    ],
)
def test_a_past_week_shows_months_that_are_over(settings: Settings, text: str, end: date) -> None:
    with open_published(settings.published) as published:
        assert published.month_until(published.until(parsed(text))) == end


def test_what_is_published_and_over_may_be_filled_back(settings: Settings) -> None:
    with dg.DagsterInstance.get() as instance:
        months = instance.get_dynamic_partitions(MONTHS)
        weeks = instance.get_dynamic_partitions(WEEKS)
    assert (months[0], months[-1], len(months)) == ("2025-04", "2026-10", 19)
    # from Monday 7 April 2025 to that of 9 November 2026; the 22nd is a Sunday, not yet over
    assert (weeks[0], weeks[-1], len(weeks)) == ("2025-W15", "2026-W46", 84)


def test_the_main_job_leaves_past_periods_alone(settings: Settings) -> None:
    definitions = build_definitions(settings)
    keys = definitions.resolve_job_def("refresh").asset_layer.executable_asset_keys
    assert not [key for key in keys if key.path[0] in ("periods", "documentation")]


def test_a_publication_asks_for_the_newest_final_month_and_week_once(settings: Settings) -> None:
    repository = build_definitions(settings).get_repository_def()
    wanted = {"monthly_reports": "2026-10", "weekly_reports": "2026-W46"}
    with dg.DagsterInstance.get() as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization(KEY))
        for name, period in wanted.items():
            sensor = repository.get_sensor_def(name)
            assert sensor.default_status is dg.DefaultSensorStatus.STOPPED
            with dg.build_sensor_context(
                instance,
                instance_ref=instance.get_ref(),
                resources={"settings": settings},
                repository_def=repository,
            ) as context:
                (request,) = sensor.evaluate_tick(context).run_requests or ()
            assert (request.run_key, request.partition_key) == (period, period)


@pytest.mark.parametrize(
    ("text", "first_day", "end"),
    [
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 5)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 4)),
    ],
)
def test_a_period_is_read_as_it_is_written(text: str, first_day: date, end: date) -> None:
    period = parsed(text)
    assert (period.first_day, period.end, str(period)) == (first_day, end, text)


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "2025-W53", "2026-W00", "W44", "2026-10-01"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parsed(text)
    assert Period(date(2026, 10, 1)) == parsed("2026-10")
