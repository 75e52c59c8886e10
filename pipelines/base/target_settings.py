"""What the settings say of engines that get the marts besides the published file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import BadConfiguration
from pipelines.base.delivery_settings import is_store, shown_store
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
    "spark": (
        "HYPNOMART_PARQUET", "names no place; set it to a folder outside home, such as /srv/marts, "
        "or to a store, such as s3://bucket/marts.",
    ),
}  # fmt: skip
TARGETS = tuple(NEEDED)
# Object stores, which take a file as a whole; where a cluster builds, those that it names alike.
OBJECT_STORES = {
    "HYPNOMART_PARQUET": ("s3", "gs", "az", "abfs"),
    "HYPNOMART_SPARK_FOLDER": ("s3",),
}
NOBODY = "duckdb"  # the published file alone


def targets(value: Mapping[str, str]) -> tuple[str, ...]:
    """The engines that HYPNOMART_TARGET names, each once; none for the published file alone."""
    text = value.get("HYPNOMART_TARGET", NOBODY)
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    if names == (NOBODY,):
        return ()
    if not set(names) <= set(TARGETS):
        raise BadConfiguration(
            f"HYPNOMART_TARGET is {text!r}; choose {NOBODY}, {', '.join(TARGETS)}, "
            f"or some, as {','.join(TARGETS)}."
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
    found = {
        "postgres": masked(url) if url else "",
        "ducklake": str(lake) if lake else "",
        "spark": shown_store(settings.parquet or ""),
    }
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


def folder_or_store(
    name: str, value: Mapping[str, str], *, outside: Callable[[str], Path | None]
) -> str | None:
    """The folder or the object store that a setting names. `outside`: the path of a folder."""
    text = value.get(name, "")
    if is_store(text):
        if unfit := [one for one in text if not one.isprintable()]:
            raise BadConfiguration(f"{name} holds {unfit[0]!a}; write it without.")
        if (scheme := text.partition(":")[0]) not in OBJECT_STORES[name]:
            known = ", ".join(f"{one}://" for one in OBJECT_STORES[name])
            raise BadConfiguration(
                f"{name} is of {scheme}://, which is not among the object stores that take it "
                f"({known}); name one of those, or a folder."
            )
        return text.rstrip("/")
    folder = outside(name)
    return str(folder) if folder else None


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
