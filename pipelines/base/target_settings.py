"""What the settings say of engines that get the marts besides the published file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from models.errors import BadConfiguration
from pipelines.base.source_url import checked_url, masked

if TYPE_CHECKING:
    from pipelines.base.settings import Settings

# What each needs, and how that is written.
NEEDED = {
    "postgres": (
        "HYPNOMART_TARGET_URL", "names no server; set it to "
        "postgresql://user:password@host:port/database.",
    ),
    "ducklake": (
        "HYPNOMART_LAKE", "names no folder; set it to one outside home, such as /srv/lake.",
    ),
}  # fmt: skip
TARGETS = tuple(NEEDED)
NOBODY = "duckdb"  # the published file alone


def targets(value: Mapping[str, str]) -> tuple[str, ...]:
    """The engines that HYPNOMART_TARGET names, each once; none for the published file alone."""
    text = value.get("HYPNOMART_TARGET", NOBODY)
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    if names == (NOBODY,):
        return ()
    if not set(names) <= set(TARGETS):
        raise BadConfiguration(
            f"HYPNOMART_TARGET is {text!r}; choose {NOBODY}, {' or '.join(TARGETS)}, "
            f"or {','.join(TARGETS)}."
        )
    for name in names:
        setting, way_out = NEEDED[name]
        if setting not in value:
            raise BadConfiguration(f"HYPNOMART_TARGET is {text}, and {setting} {way_out}")
    return names


def places(settings: Settings) -> dict[str, str]:
    """Where the marts are copied to, fit to be shown, by engine; whether each publication goes
    there or is brought by hand."""
    url, lake = settings.target_url, settings.lake
    found = {"postgres": masked(url) if url else "", "ducklake": str(lake) if lake else ""}
    return {name: place for name, place in found.items() if place}


def target_url(text: str | None) -> str | None:
    """The server that gets the marts."""
    return checked_url(text, "HYPNOMART_TARGET_URL") if text else None


def lake_catalog(value: Mapping[str, str]) -> str | None:
    """The server that keeps the lake's catalog."""
    text = value.get("HYPNOMART_LAKE_CATALOG")
    if text and "HYPNOMART_LAKE" not in value:
        raise BadConfiguration(f"HYPNOMART_LAKE_CATALOG is set, and {' '.join(NEEDED['ducklake'])}")
    return checked_url(text, "HYPNOMART_LAKE_CATALOG") if text else None


def target_schema(text: str) -> str:
    """A name that no server keeps for itself, with room for the words that are added to it."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,39}", text) or text.startswith("pg_"):
        raise BadConfiguration(
            f"HYPNOMART_TARGET_SCHEMA is {text!r}; write a name of at most 40 small letters, "
            "digits and _ that does not start with pg_, such as hypnomart."
        )
    if text in ("public", "information_schema"):
        raise BadConfiguration(
            f"HYPNOMART_TARGET_SCHEMA is {text}, which other programs use; name a schema for the "
            "marts alone, such as hypnomart."
        )
    return text
