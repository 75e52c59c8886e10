"""HTML from templates: everything that is not a chart of ours is escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

import jinja2
from markupsafe import Markup

from models.counting import counted
from reports.printable import printable

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
ABSENT = "\N{EN DASH}"


class Share(float):
    """A number that is read in per cent."""


class Coded(str):
    """Words with the code that they stand for, which queries ask for."""

    def __new__(cls, words: str, code: str) -> Coded:
        """The words, with `code` beside them."""
        made = super().__new__(cls, words)
        made.code = code
        return made

    code: str


class Strip(str):
    """A mark for each of some runs, the newest last."""

    WORDS: ClassVar = {
        "●": "passed",
        "○": "failed",
        "\N{MULTIPLICATION SIGN}": "could not run",
        "·": "no check yet",
    }

    @property
    def spoken(self) -> str:
        """The same for who hears it: passed 8 times, then failed 2 times."""
        runs = [(self.WORDS[mark], len([*same])) for mark, same in groupby(self)]
        return ", then ".join(f"{word} {counted(times, 'time')}" for word, times in runs)


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
    environment.filters |= {"shown": shown, "marked": marked, "drawing": Markup, "counted": counted}
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
            return _rounded(value)
        case int():
            return f"{value:,}"
    return printable(str(value))


def _rounded(value: float) -> str:
    """A number that is no amount, with the digits that tell something: 43.9, 0.1375."""
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 1 else 4
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def marked(text: str) -> Markup:
    """A text of ours; what stands in backticks is to be typed."""
    parts = shown(text).split("`")
    tags = ("%s", "<code>%s</code>")
    return Markup("").join(  # nosec B704
        Markup(tags[at % 2]) % part  # noqa: S704  # nosec B704
        for at, part in enumerate(parts)
    )


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
