"""HTML from templates: everything that is not a chart of ours is escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from models.counting import counted

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
ABSENT = "\N{EN DASH}"
# Neither shown nor allowed in HTML; a direction mark could turn the text around it.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Share(float):
    """A number that is read in per cent."""


def render(template: str, context: Mapping[str, Any], *, script: str = "") -> str:
    """The page that a template makes of its context, with the site's style.

    `script`: a file of templates/ that the page may run; its policy allows no other.
    """
    style = (TEMPLATES / "site.css").read_text(encoding="utf-8")
    code = (TEMPLATES / script).read_text(encoding="utf-8") if script else ""
    # bandit's B704 and ruff's S704 are about text of others: these two are files of ours
    return (
        _environment()
        .get_template(template)
        .render(
            **context,
            style=Markup(style),  # noqa: S704  # nosec B704
            script=Markup(code),  # noqa: S704  # nosec B704
            script_hash=script_hash(code),
        )
    )


@cache
def _environment() -> jinja2.Environment:
    """One for all pages: compiling the templates anew for each took a third of all reports."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"shown": shown, "drawing": Markup, "counted": counted}
    return environment


def script_hash(code: str) -> str:
    """What a content-security policy calls an inline script."""
    digest = hashlib.sha256(code.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def shown(value: Any) -> str:
    """Any value as a reader wants it; text without characters that cannot be seen."""
    match value:
        case None:
            return ABSENT
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} UTC"
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:,.2f}"
        case Share():
            return f"{value * 100:.1f} %"
        case float():
            return f"{value:,.4f}".rstrip("0").rstrip(".")
        case int():
            return f"{value:,}"
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(value))


def money(value: Decimal | float | None) -> str:
    """US dollars: -$1,234.50."""
    if value is None:
        return ABSENT
    return f"{'-' if value < 0 else ''}${abs(value):,.2f}"


def whole(value: int | None) -> str:
    """A count: 12,345."""
    return ABSENT if value is None else f"{value:,}"


def rate(value: float | None) -> str:
    """A share: 4.2 %."""
    return ABSENT if value is None else f"{value * 100:.1f} %"
