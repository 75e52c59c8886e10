"""Spark's own Thrift server on loopback, as a cluster has one: another process, another catalog."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SERVER = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"
SECONDS = 120


@contextmanager
def thrift_server(folder: Path, options: Mapping[str, str] | None = None) -> Iterator[str]:
    """Start it with its files below a folder, and options of its own; yields its URL."""
    import pyspark

    home = Path(pyspark.__file__).parent
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.shuffle.partitions": "2",
        "spark.local.dir": str(folder / "shuffled"),
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -Xss16m",
        "spark.hadoop.hive.server2.thrift.port": str(port),
        "spark.hadoop.hive.server2.thrift.bind.host": "127.0.0.1",
        **(options or {}),
    }
    listed = [word for name, text in told.items() for word in ("--conf", f"{name}={text}")]
    command = [str(home / "bin" / "spark-submit"), "--master", "local[2]", "--driver-memory", "3g",
               "--class", SERVER, *listed, "spark-internal"]  # fmt: skip
    log = folder / "server.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=folder, stdout=said, stderr=said,
            env={**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"},
        )  # fmt: skip
    try:
        until = time.monotonic() + SECONDS
        while not is_open(port):
            assert process.poll() is None and time.monotonic() < until, log.read_text()[-2000:]
            time.sleep(0.2)
        yield f"thrift://analyst@127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def is_open(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0
