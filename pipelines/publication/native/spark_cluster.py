"""Spark on a cluster, spoken to through its Thrift server."""

from __future__ import annotations

import json
import logging
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from models.errors import BadConfiguration, HypnomartError, TargetUnavailable
from pipelines.base.settings import Settings
from pipelines.base.spark_settings import Cluster
from pipelines.publication.native.shipped import MADE, SHIPPED
from pipelines.publication.native.spark_place import SparkPlace, spark_place
from pipelines.publication.native.spark_session import OPTIONS, Spark, refuse_without
from pipelines.publication.targets.owner import BUILT, refuse_schema_of_another_home

Ask = Callable[[str], list[Any]]
ANSWERS = 60  # seconds within which a server begins a session


@contextmanager
def on_cluster(settings: Settings, cluster: Cluster) -> Iterator[Spark]:
    """A connection whose schemas begin with a prefix of ours. Raises what `refuse_cluster` does."""
    refuse_without("pyhive", "dbt.adapters.spark")
    with _connected(cluster) as ask:
        place = spark_place(settings)
        place.refuse_another_home(settings)
        _refuse_schemas(ask, settings)
        _refuse_unseen(ask, cluster, place=place)
        yield Spark(ask, _prefix(settings), _variables(settings, cluster))


def refuse_cluster(settings: Settings, cluster: Cluster) -> None:
    """Raise BadConfiguration or TargetUnavailable where a build would be refused."""
    with on_cluster(settings, cluster):
        pass


def _prefix(settings: Settings) -> str:
    return f"{settings.target_schema}_"


def _variables(settings: Settings, cluster: Cluster) -> dict[str, str]:
    """The environment that leads dbt there; profiles.yml reads it."""
    return {
        "HYPNOMART_SPARK_METHOD": "thrift",
        "HYPNOMART_SPARK_HOST": cluster.host,
        "HYPNOMART_SPARK_PORT": str(cluster.port),
        "HYPNOMART_SPARK_USER": cluster.user,
        "HYPNOMART_SPARK_OPTIONS": json.dumps(_options()),
        "HYPNOMART_SCHEMA_PREFIX": _prefix(settings),
    }


def _options() -> dict[str, str]:
    """What a session of the server is told."""
    return {f"set:{name}": text for name, text in OPTIONS.items()}


@contextmanager
def _connected(cluster: Cluster) -> Iterator[Ask]:
    from pyhive import hive
    from pyhive.exc import Error
    from thrift.Thrift import TException
    from thrift.transport.TSocket import TSocket
    from thrift_sasl import TSaslClientTransport

    logging.getLogger("pyhive").setLevel(logging.ERROR)
    logging.getLogger("thrift").setLevel(logging.CRITICAL)  # what it logs it raises, too
    socket = TSocket(cluster.host, cluster.port)
    socket.setTimeout(ANSWERS * 1000)
    login = {"host": cluster.host, "username": cluster.user, "password": "x"}  # of none: not empty
    plain = partial(hive.get_installed_sasl, sasl_auth="PLAIN", service=None, **login)
    try:
        connection = hive.connect(
            thrift_transport=TSaslClientTransport(plain, "PLAIN", socket),
            username=cluster.user,
            configuration=_options(),
        )
        socket.setTimeout(None)  # a statement takes what it takes
    except (TException, Error, OSError) as error:
        raise TargetUnavailable(
            f"Cannot connect to Spark at {cluster.place}: {_words(error)}. Check that its Thrift "
            "server runs and HYPNOMART_SPARK_URL is right; nothing was written."
        ) from None

    def ask(statement: str) -> list[Any]:
        cursor = connection.cursor()
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []

    try:
        yield ask
    except (TException, Error) as error:
        raise TargetUnavailable(f"Spark at {cluster.place} refuses: {_words(error)}.") from None
    finally:
        with suppress(Exception):  # a server that is gone
            connection.close()


def _words(error: Exception) -> str:
    """What a server says, in a line without its own Java."""
    status = getattr(error.args[0], "status", None) if error.args else None
    text = str(getattr(status, "errorMessage", None) or error)
    line = text.rpartition("Exception: ")[2].splitlines()[0] if text else type(error).__name__
    return line[:300].rstrip(". ")


def _refuse_schemas(ask: Ask, settings: Settings) -> None:
    """Raise where a schema that would be replaced is somebody else's."""
    ours = {f"{_prefix(settings)}{schema}" for schema in (*SHIPPED, *MADE)}
    for name in ours & {name for name, *_ in ask("show schemas")}:
        facts = dict(row[:2] for row in ask(f"describe schema `{name}`"))
        comment = facts.get("Comment") or ""
        if not comment.startswith(BUILT):
            raise BadConfiguration(
                f"Spark has a schema {name} that no build of hypnomart made; it stays as it is. "
                "Name another in HYPNOMART_TARGET_SCHEMA."
            )
        refuse_schema_of_another_home(settings, schema=name, comment=comment, place="Spark")


def _refuse_unseen(ask: Ask, cluster: Cluster, *, place: SparkPlace) -> None:
    """Raise where this machine cannot write to the place, or the cluster does not see what it
    wrote: both must mount a folder at the same path."""
    name = f"hypnomart-probe-{uuid.uuid4().hex[:12]}.parquet"
    try:
        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder, "probe.parquet")
            duckdb.sql("select 1 as seen").write_parquet(str(local))
            place.put(local, name)
        ask(f"select count(*) from parquet.`{place.location(name)}`")
    except HypnomartError:
        raise
    except Exception as error:
        way_out = (
            "mount it there at the same path, for the same login"
            if place.store.is_folder
            else "give it the files of hadoop-aws and a login to that store"
        )
        raise TargetUnavailable(
            f"Spark at {cluster.place} does not read {place.store.place}: {_words(error)}; "
            f"{way_out}. Nothing was written."
        ) from None
    finally:
        with suppress(HypnomartError):  # told already
            place.remove([name])
