"""What the settings say of a cluster that computes the marts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from models.errors import BadConfiguration
from pipelines.base.server_urls import server_url

PORT = 10_000  # of Spark's Thrift server


@dataclass(frozen=True)
class Cluster:
    """A Thrift server of Spark's, and a folder, or an object store's URL, that it and this machine
    both read and write."""

    host: str
    port: int
    folder: str
    user: str = "hypnomart"

    @property
    def place(self) -> str:
        """Fit to be shown."""
        return f"thrift://{self.user}@{self.host}:{self.port}"


def cluster(value: Mapping[str, str], folder: str | None) -> Cluster | None:
    """The cluster; none for a session of this machine. Raises BadConfiguration, which repeats no
    URL."""
    text = value.get("HYPNOMART_SPARK_URL")
    if text is None and folder is None:
        return None
    if text is None or folder is None:
        given, lacking = ("HYPNOMART_SPARK_URL", "HYPNOMART_SPARK_FOLDER")[:: 1 if text else -1]
        raise BadConfiguration(
            f"{given} is set, {lacking} not: a cluster needs its Thrift server and a folder or "
            "object store that both it and this machine write to."
        )
    if re.match("sc://", text):
        raise BadConfiguration(
            "HYPNOMART_SPARK_URL is of Spark Connect, which dbt-spark does not speak; name the "
            "cluster's Thrift server as thrift://user@host:10000."
        )
    url = server_url(text)
    if url.scheme != "thrift" or not url.host or url.password or not text.isprintable():
        raise BadConfiguration(
            "HYPNOMART_SPARK_URL is none; write it as thrift://user@host:10000, without a password."
        )
    login = {"user": url.user} if url.user else {}
    return Cluster(url.host, url.port or PORT, folder, **login)
