"""Engagement: plays, courses, settings, custom audio, reach of content."""

from __future__ import annotations

from datetime import date

from reports.figures import Figure
from reports.published import Published
from reports.shapes import Words, over_time, ranked, table


def figures(published: Published, until: date) -> list[Figure]:
    """The figures of the page, of months before the day `until`."""
    courses = published.rows("engagement/courses", until=until)
    return [
        ranked(
            Words(
                "plays",
                "Plays by course",
                "Counted as the app reports them.",
                "course_engagement",
                "plays",
            ),
            courses,
            name="course_code",
            value="plays",
        ),
        over_time(
            Words(
                "funnel",
                "Custom audio from purchase to delivery",
                "By month of purchase. Hollow: not complete yet.",
                "custom_course_funnel_monthly",
                "orders",
            ),
            published.rows("engagement/funnel", until=until)[::-1],
            at="month",
            series={
                "purchased": ("purchased", "place-0"),
                "submitted": ("form sent", "place-3"),
                "delivered": ("delivered", "place-1"),
            },
            as_lines=True,
        ),
        table(
            Words(
                "courses",
                "Courses",
                "Who holds and hears them, and the settings liked best.",
                "course_engagement",
            ),
            courses,
            {
                "course_code": "course",
                "holders": "holders",
                "listeners": "listeners",
                "plays": "plays",
                "plays_per_listener": "plays per listener",
                "favourite_voice": "voice",
                "favourite_background": "background",
            },
        ),
        table(
            Words("settings", "Settings", "Users by what they chose.", "fct_course_settings"),
            published.rows("engagement/settings", until=until),
            {"course_code": "course", "setting": "setting", "choice": "choice", "users": "users"},
        ),
        table(
            Words(
                "reach", "Reach of content", "Users to whom each manifest goes.", "content_reach"
            ),
            published.rows("engagement/reach", until=until),
            {
                "file_name": "file",
                "cohorts": "cohorts",
                "users_targeted": "users",
                "is_untargeted": "goes to everyone",
            },
        ),
    ]
