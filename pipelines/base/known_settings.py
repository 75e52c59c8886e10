"""Every variable that is read, and what it is."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.base.target_settings import (
    NOBODY,
)


@dataclass(frozen=True)
class Setting:
    """A variable that is read, and what it is; a secret is never shown."""

    name: str
    about: str
    default: str = ""
    is_secret: bool = False


SETTINGS = (
    Setting("HYPNOMART_SOURCE_URL", "the operational database", "the embedded server"),
    Setting("HYPNOMART_HOME", "working files", "./.hypnomart"),
    Setting("HYPNOMART_PUBLISHED", "folder of the published file", "home/published"),
    Setting("HYPNOMART_KEEP", "earlier publications that are kept", "7"),
    Setting("HYPNOMART_REPORTS", "folder of the reports, or URL of a store", "./reports/out"),
    Setting("HYPNOMART_REPORTS_KEEP", "days of reports that are kept", "all"),
    Setting("HYPNOMART_SMTP_URL", "the server that mails reports", "none", is_secret=True),
    Setting("HYPNOMART_MAIL_FROM", "who writes", "none"),
    Setting("HYPNOMART_MAIL_TO", "who gets reports by mail", "none"),
    Setting("HYPNOMART_WEBHOOK_URL", "what is told of new reports", "none", is_secret=True),
    Setting("HYPNOMART_TARGET", "engines that get the marts", NOBODY),
    Setting("HYPNOMART_TARGET_URL", "the server that gets the marts", "none"),
    Setting("HYPNOMART_TARGET_SCHEMA", "their schema there", "hypnomart"),
    Setting("HYPNOMART_LAKE", "folder of the DuckLake that gets the marts", "none"),
    Setting("HYPNOMART_LAKE_CATALOG", "the server of its catalog", "a file in that folder"),
    Setting("HYPNOMART_PARQUET", "folder or store that gets the marts as Parquet", "none"),
    Setting("HYPNOMART_SPARK_URL", "the Thrift server of a cluster that builds", "this machine"),
    Setting("HYPNOMART_SPARK_FOLDER", "what it and this machine both write to", "none"),
    Setting("HYPNOMART_HASH_KEY", "key of the token hashes", "home/hash_key", is_secret=True),
    Setting("HYPNOMART_SEEDS", "CSV files that replace seeds", "the shipped ones"),
    Setting("HYPNOMART_VARS", "dbt variables as JSON", "{}"),
    Setting("HYPNOMART_CLOSED_ACCOUNT_DAYS", "after how many a closed account is erased", "30"),
    Setting("HYPNOMART_READER_PASSWORD", "for `schema apply`", "none", is_secret=True),
    Setting("HYPNOMART_TEST_DSN", "a server for tests", "the embedded server", is_secret=True),
)


INTERNAL = {"HYPNOMART_WAREHOUSE"}  # what dbt is told, also by hand
