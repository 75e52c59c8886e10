"""Codes of the marts as a person reads them: AI credits for ai_credits."""

from __future__ import annotations

import re

CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NAMES = {"app_store": "App Store", "google_play": "Google Play"}


def in_words(code: str) -> str:
    """The words of a code; text that is no code, such as a country's name, stays as it is."""
    if not CODE.fullmatch(code):
        return code
    return NAMES.get(code) or re.sub(r"\bai\b", "AI", code.replace("_", " "))


def title_of(code: str) -> str:
    """The words of a code with a capital letter at their start."""
    words = in_words(code)
    return words[:1].upper() + words[1:]
