"""The only reader of the environment: `HYPNOMART_*` variables, or a `.env` beside the call."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from models.errors import BadConfiguration
from pipelines.base.delivery_settings import channels, is_store, reports_keep
from pipelines.base.known_settings import INTERNAL, SETTINGS
from pipelines.base.retention_settings import days_of_closed_accounts, kept_publications
from pipelines.base.source_url import checked_url
from pipelines.base.spark_settings import Cluster, cluster
from pipelines.base.target_settings import (
    folder_or_store,
    lake_catalog,
    target_schema,
    target_url,
    targets,
)
from pipelines.base.variables import dbt_vars
from reports.deliver.channels import Channels

PROJECT = Path(__file__).resolve().parents[2]
DUCKDB = "duckdb"  # the engine that builds unless another is named
BUILT_BY = "built_by_"  # what the folders of the others begin with


@dataclass(frozen=True)
class Settings:
    """Where a run reads from and writes to. `source_url` None stands for the embedded server,
    `hash_key` "" for the one kept in home, `published_dir` None for home, where it is private.
    `engine`: who built what is checked and published."""

    home: Path
    reports_dir: Path
    reports_keep: int | None = None
    channels: Channels = field(default_factory=Channels)
    source_url: str | None = field(default=None, repr=False)
    hash_key: str = field(default="", repr=False)
    published_dir: Path | None = None
    keep: int = 7
    seeds_dir: Path | None = None
    dbt_vars: Mapping[str, Any] = field(default_factory=dict)
    closed_account_days: int = 30
    targets: tuple[str, ...] = ()
    target_url: str | None = field(default=None, repr=False)
    target_schema: str = "hypnomart"
    lake: Path | None = None
    lake_catalog: str | None = field(default=None, repr=False)
    parquet: str | None = field(default=None, repr=False)
    cluster: Cluster | None = None
    engine: str = DUCKDB

    @property
    def warehouse(self) -> Path:
        """The working file; of another engine than DuckDB what it built, as the checks read it.
        Analysts read `published`."""
        # Always of this name: dbt's SQL names the database, which DuckDB calls by its file.
        folder = self.home if self.engine == DUCKDB else self.home / f"{BUILT_BY}{self.engine}"
        return folder / "warehouse.duckdb"

    @property
    def spark_files(self) -> Path:
        """The folder of Spark's own files, and of its marts as they were fetched."""
        return self.home / f"{BUILT_BY}spark"

    @property
    def spark_place(self) -> str:
        """The folder or the store's prefix where Spark reads and writes. An erasure removes it."""
        return f"{self.cluster.folder}/{BUILT_BY}spark" if self.cluster else str(self.spark_files)

    @property
    def published(self) -> Path:
        """The file that analysts open."""
        return (self.published_dir or self.home / "published") / "hypnomart.duckdb"

    @property
    def source_catalogue(self) -> Path:
        """Tables, keys and policies of the source, as the newest extraction found them."""
        return self.home / "source_catalogue.json"

    @property
    def last_run(self) -> Path:
        """What the last attempt did, as JSON."""
        return self.home / "last_run.json"

    @property
    def truth_dir(self) -> Path:
        """What the simulator knows; the pipeline never reads it."""
        return self.home / "truth"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment, which wins, and `.env` in the working directory.

    Raises BadConfiguration that names the variable.
    """
    if environment is None:
        environment = {**_dotenv(), **os.environ}
    value = {key: text for key, text in environment.items() if text.strip()}
    _refuse_unknown(value)
    home = _folder("HYPNOMART_HOME", value.get("HYPNOMART_HOME", ".hypnomart"))
    reports = value.get("HYPNOMART_REPORTS", "reports/out")
    folder = str(home / "reports") if is_store(reports) else reports
    outside = partial(_outside, value=value, home=home)
    return Settings(
        home=home,
        reports_dir=_folder("HYPNOMART_REPORTS", folder.removeprefix("file://")),
        reports_keep=reports_keep(value.get("HYPNOMART_REPORTS_KEEP")),
        channels=channels(value),
        source_url=checked_url(url) if (url := value.get("HYPNOMART_SOURCE_URL")) else None,
        hash_key=value.get("HYPNOMART_HASH_KEY", ""),
        published_dir=outside("HYPNOMART_PUBLISHED"),
        keep=kept_publications(value.get("HYPNOMART_KEEP", "7")),
        seeds_dir=_seeds_dir(value.get("HYPNOMART_SEEDS")),
        dbt_vars=dbt_vars(value.get("HYPNOMART_VARS")),
        closed_account_days=days_of_closed_accounts(
            value.get("HYPNOMART_CLOSED_ACCOUNT_DAYS", "30")
        ),
        targets=targets(value),
        target_url=target_url(value.get("HYPNOMART_TARGET_URL")),
        target_schema=target_schema(value.get("HYPNOMART_TARGET_SCHEMA", "hypnomart")),
        lake=outside("HYPNOMART_LAKE"),
        lake_catalog=lake_catalog(value),
        parquet=folder_or_store("HYPNOMART_PARQUET", value, outside=outside),
        cluster=cluster(value, folder_or_store("HYPNOMART_SPARK_FOLDER", value, outside=outside)),
    )


def _dotenv() -> dict[str, str]:
    return {key: value for key, value in dotenv_values(".env").items() if value}


def origins(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Where each setting that is given comes from: the environment, else `.env`."""
    given = os.environ if environment is None else environment
    found = {name: f"{Path('.env').absolute()}" for name in _dotenv()}
    found |= {name: "the environment" for name, text in given.items() if text.strip()}
    return {one.name: found[one.name] for one in SETTINGS if one.name in found}


def given_value(name: str) -> str:
    """A setting as it was written; empty where it is not."""
    return {**_dotenv(), **os.environ}.get(name, "")


def _refuse_unknown(value: Mapping[str, str]) -> None:
    """A misspelt name would leave the default standing without a word."""
    known = {setting.name for setting in SETTINGS} | INTERNAL
    ours = {name for name in value if name.startswith("HYPNOMART_")}
    if unknown := sorted(ours - known):
        close = get_close_matches(unknown[0], known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ", which nothing reads; unset it."
        raise BadConfiguration(f"The environment or .env sets {', '.join(unknown)}{hint}")


def _folder(name: str, text: str) -> Path:
    """An absolute path. DuckDB and SQLAlchemy take what follows ? for options and dbt what follows
    # for a fragment; a line break would forge lines of logs."""
    path = Path(text).expanduser().absolute()
    odd = sorted({letter for letter in str(path) if letter in "?#" or not letter.isprintable()})
    if odd:
        raise BadConfiguration(
            f"{name} names a folder whose path holds {', '.join(map(ascii, odd))}; "
            "choose a path without ?, # and characters that cannot be printed."
        )
    return path


def _outside(name: str, *, value: Mapping[str, str], home: Path) -> Path | None:
    """A folder that others are to open; none where it is not set."""
    if name not in value:
        return None
    folder = _folder(name, value[name].removeprefix("file://"))
    if folder.resolve().is_relative_to(home.resolve()):
        raise BadConfiguration(
            f"{name} is {folder}, inside home, which others cannot open; "
            "choose a folder outside, or unset it."
        )
    return folder


def _seeds_dir(text: str | None) -> Path | None:
    if text is None:
        return None
    folder = _folder("HYPNOMART_SEEDS", text)
    if not folder.is_dir():
        raise BadConfiguration(f"HYPNOMART_SEEDS names {folder}, which is not a folder.")
    return folder
