"""Every setting with its value, masked where it is secret, and where it comes from."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pipelines.base.delivery_settings import shown_store
from pipelines.base.hash_key import key_path
from pipelines.base.known_settings import SETTINGS, Setting
from pipelines.base.settings import Settings, given_value, origins
from pipelines.base.source_url import masked

MASK = "***"


@dataclass(frozen=True)
class Line:
    """A setting as it is shown."""

    name: str
    value: str
    origin: str
    about: str


def configuration(settings: Settings) -> list[Line]:
    """One line per setting, in their order."""
    found = origins()
    return [
        Line(one.name, _value(one, settings, is_given=one.name in found),
             found.get(one.name, "the default"), one.about)
        for one in SETTINGS
    ]  # fmt: skip


def _value(one: Setting, settings: Settings, *, is_given: bool) -> str:
    """What is in force; of a secret only that there is one."""
    if one.is_secret and is_given:
        return MASK
    if one.name == "HYPNOMART_HASH_KEY":
        path = key_path(settings.home)
        return f"{MASK} in {path}" if path.exists() else f"none yet; made in {path} on first use"
    store = settings.channels.store
    in_force = {
        "HYPNOMART_HOME": settings.home,
        "HYPNOMART_REPORTS": shown_store(store) if store else settings.reports_dir,
        "HYPNOMART_PUBLISHED": settings.published.parent,
        "HYPNOMART_SEEDS": settings.seeds_dir,
        "HYPNOMART_SOURCE_URL": masked(settings.source_url) if settings.source_url else None,
        "HYPNOMART_TARGET_URL": masked(settings.target_url) if settings.target_url else None,
        "HYPNOMART_LAKE": settings.lake,
        "HYPNOMART_LAKE_CATALOG": masked(settings.lake_catalog) if settings.lake_catalog else None,
        "HYPNOMART_PARQUET": shown_store(settings.parquet or ""),
        "HYPNOMART_SPARK_URL": settings.cluster.place if settings.cluster else None,
        "HYPNOMART_SPARK_FOLDER": shown_store(settings.cluster.folder if settings.cluster else ""),
        "HYPNOMART_VARS": json.dumps(dict(settings.dbt_vars)),
    }
    return str(in_force.get(one.name) or given_value(one.name) or one.default)
