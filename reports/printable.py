"""Text of others as a page, a drawing or a PDF can hold it."""

from __future__ import annotations

import re
from html import escape

# Neither shown nor allowed in HTML or XML; a direction mark could turn the text around it.
UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)


def printable(text: str) -> str:
    """The text, with a mark in place of each character that cannot be seen."""
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def drawable(text: str) -> str:
    """The text as SVG takes it, in a tag or an attribute."""
    return escape(printable(text))
