"""`make parity`: the marts of the last run, built at the embedded server too, are the same; and
Spark's, where it is installed.

HYPNOMART_TARGET_URL names another server.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg

from pipelines.base.embedded import start_embedded
from pipelines.base.settings import load_settings
from pipelines.cli import main

DATABASE = "hypnomart_parity"


def own_database(url: str) -> str:
    """A database for the marts beside the source, whose text sorts by bytes."""
    with psycopg.connect(url, autocommit=True) as conn:
        query = "select 1 from pg_catalog.pg_database where datname = %s"
        if not conn.execute(query, [DATABASE]).fetchone():
            conn.execute(
                f"create database {DATABASE} template template0 encoding 'UTF8' locale 'C.UTF-8'"
            )
    return urlunsplit(urlsplit(url)._replace(path=f"/{DATABASE}"))


if __name__ == "__main__":
    settings = load_settings()
    if settings.target_url is None:
        os.environ["HYPNOMART_TARGET_URL"] = own_database(start_embedded(settings.home))
    engines = ["postgres"]
    if importlib.util.find_spec("pyspark"):
        engines.append("spark")
    sys.argv[1:] = ["parity", *(f"--engine={engine}" for engine in engines)]
    main()
