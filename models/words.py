"""Codes of the marts as a person reads them: AI credits for ai_credits."""

from __future__ import annotations

import re

CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# A code within a sentence, with the schema or the table before it; not what stands in backticks.
WITHIN = re.compile(r"`[^`]*`|\b(?:[a-z]\w*\.)?[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")
# The stores that sell, by the code that rows carry: the seed `stores` has a row for each.
STORES = {"google_play": "Google Play", "app_store": "App Store"}
LAYER = re.compile(r"^(fct|dim|int|stg)_")  # of a model: nothing that a reader needs
CAPITALS = re.compile(r"\b(ai|arpu|ltv|mrr|usd)\b")
PLANS = {1: "monthly plan", 3: "quarterly plan", 12: "yearly plan"}
# What a code means in one column alone.
OF_COLUMN = {
    ("plan", "none"): "no subscription",
    ("reward_status", "none"): "no reward due",
    ("acquisition", "organic"): "without a code",
    ("acquisition", "referred"): "with a code",
}


def in_words(code: str, column: str = "") -> str:
    """The words of a code; text that is no code, such as a country's name, stays as it is."""
    if not CODE.fullmatch(code):
        return code
    words = LAYER.sub("", code).replace("_", " ")
    plain = STORES.get(code) or CAPITALS.sub(lambda found: found[0].upper(), words)
    return OF_COLUMN.get((column, code), plain)


def title_of(code: str) -> str:
    """The words of a code with a capital letter at their start."""
    return begun(in_words(code))


def sentence_of(text: str) -> str:
    """A sentence whose codes are words, with a capital letter at its start and without a full stop.
    What stands in backticks is to be typed: it stays, in quotes."""

    def spelt(found: re.Match[str]) -> str:
        quoted = found[0].startswith("`")
        return f"“{found[0][1:-1]}”" if quoted else in_words(found[0].split(".")[-1])

    return begun(WITHIN.sub(spelt, text).removesuffix("."))


def plan_in_words(months: int) -> str:
    """What a plan of some length is called."""
    return PLANS.get(months, f"{months}-month plan")


def product_in_words(key: str, kind: str | None, *, months: int | None, credits: int | None) -> str:
    """What a product is called, by its kind and size, or by its key."""
    match kind:
        case "subscription" if months:
            return plan_in_words(months)
        case "ai_credits" if credits:
            return f"{credits:,} AI credits"
        case "custom_audio":
            return "custom audio"
    return f"course {key.upper()}" if kind == "course" else key


def begun(words: str) -> str:
    """The words with a capital letter at their start."""
    return words[:1].upper() + words[1:]
