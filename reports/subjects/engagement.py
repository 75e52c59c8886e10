"""Engagement: plays, courses, settings, custom audio, reach of content."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from reports.figures import Figure, Words
from reports.published import Published
from reports.queries import Row, query_behind
from reports.shapes import over_time, ranked, table, tabled


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    courses = published.rows("engagement/courses", until=until)
    return [
        plays(courses),
        funnel(published.rows("engagement/funnel", until=until).oldest_first()),
        holders(courses),
        settings(published.rows("engagement/settings", until=until)),
        reach(published.rows("engagement/reach", until=until)),
    ]


def plays(rows: list[Row]) -> Figure:
    """Plays by course."""
    titled = [row | {"course_code": row["title"] or row["course_code"]} for row in rows]
    drawn = ranked(
        Words(
            "plays",
            "Plays by course",
            "Counted as the app reports them.",
            "course_engagement",
            "plays",
        ),
        titled,
        name="course_code",
        value="plays",
    )
    columns = {"course_code": "course", "title": "title", "plays": "plays"}
    return replace(drawn, query=query_behind(rows), table=tabled(rows, columns))


def funnel(rows: list[Row]) -> Figure:
    """Custom audio from purchase to delivery."""
    return over_time(
        Words(
            "funnel",
            "Custom audio from purchase to delivery",
            "By month of purchase. Hollow: not complete yet.",
            "custom_course_funnel_monthly",
            "orders",
        ),
        rows,
        at="month",
        series={
            "purchased": ("purchased", "place-0"),
            "submitted": ("form sent", "place-3"),
            "delivered": ("delivered", "place-1"),
        },
        as_lines=True,
    )


def holders(rows: list[Row]) -> Figure:
    """Courses."""
    return table(
        Words(
            "courses",
            "Courses",
            "Who holds and hears them, and the settings liked best.",
            "course_engagement",
        ),
        rows,
        columns={
            "course_code": "course",
            "title": "title",
            "holders": "holders",
            "listeners": "listeners",
            "plays": "plays",
            "plays_per_listener": "plays per listener",
            "favourite_voice": "voice",
            "favourite_background": "background",
        },
    )


def settings(rows: list[Row]) -> Figure:
    """Settings."""
    return table(
        Words("settings", "Settings", "Users by what they chose.", "fct_course_settings"),
        rows,
        columns={
            "course_code": "course",
            "setting": "setting",
            "choice": "choice",
            "users": "users",
        },
    )


def reach(rows: list[Row]) -> Figure:
    """Reach of content."""
    return table(
        Words("reach", "Reach of content", "Users to whom each manifest goes.", "content_reach"),
        rows,
        columns={
            "file_name": "file",
            "cohorts": "cohorts",
            "users_targeted": "users",
            "is_untargeted": "goes to everyone",
        },
    )
