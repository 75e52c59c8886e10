"""Text that steers no terminal: what came from a database, a file's name or an error is shown."""

from __future__ import annotations

import unicodedata

# Those that turn the direction of writing: a path or a name would read as another.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
KEPT = "\n\t"


def plain(text: str) -> str:
    """The text with escape sequences and other control characters shown as \\x1b and the like."""
    if text.isprintable():
        return text
    return "".join(_shown(letter) for letter in text)


def _shown(letter: str) -> str:
    is_control = unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") or letter in TURNING
    if letter in KEPT or not is_control:
        return letter
    return letter.encode("unicode_escape").decode("ascii")
