"""An S3 of this machine, as Amazon's is one."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LOGIN = {"AWS_ACCESS_KEY_ID": "reader", "AWS_SECRET_ACCESS_KEY": "s3cret"}


@contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """Start one; yields the environment that leads to it."""
    from moto.server import ThreadedMotoServer
    from s3fs import S3FileSystem

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    S3FileSystem.clear_instance_cache()
    try:
        yield {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_DEFAULT_REGION": "us-east-1",
            **LOGIN,
        }
    finally:
        S3FileSystem.clear_instance_cache()
        server.stop()


def new_bucket() -> tuple[Any, str]:
    """The store that the environment leads to, and an empty bucket of it: a server's objects
    outlive it within a process."""
    from s3fs import S3FileSystem

    store = S3FileSystem()
    name = f"bucket-{uuid.uuid4().hex[:8]}"
    store.mkdir(name)
    return store, name
