"""A real SFTP server on loopback, over one folder."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import paramiko

LOGIN = ("reports", "s3cret")


class Login(paramiko.ServerInterface):
    """One user with a password."""

    def check_auth_password(self, username: str, password: str) -> int:
        is_known = (username, password) == LOGIN
        return paramiko.AUTH_SUCCESSFUL if is_known else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class Files(paramiko.SFTPServerInterface):
    """Files below `root`, as the operating system has them."""

    root: Path

    def local(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def list_folder(self, path: str) -> Any:
        try:
            found = list(self.local(path).iterdir())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        return [paramiko.SFTPAttributes.from_stat(p.stat(), p.name) for p in found]

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self.local(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        try:
            descriptor = os.open(self.local(path), flags, 0o644)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        mode = "r+b" if flags & os.O_RDWR else "wb" if flags & os.O_WRONLY else "rb"
        handle = paramiko.SFTPHandle(flags)
        stream = os.fdopen(descriptor, mode)
        handle.readfile = handle.writefile = stream  # type: ignore[attr-defined]
        return handle

    def remove(self, path: str) -> int:
        return self._done(self.local(path).unlink)

    def mkdir(self, path: str, attr: Any) -> int:
        return self._done(self.local(path).mkdir)

    def rmdir(self, path: str) -> int:
        return self._done(self.local(path).rmdir)

    def _done(self, act: Any) -> int:
        try:
            act()
        except OSError as error:
            return int(paramiko.SFTPServer.convert_errno(error.errno))
        return int(paramiko.SFTP_OK)


@contextmanager
def sftp_server(root: Path) -> Iterator[str]:
    """Serve a folder, created empty; yields the server's URL with its login."""
    root.mkdir()
    files = type("FilesHere", (Files,), {"root": root})
    key = paramiko.RSAKey.generate(2048)
    listener = socket.create_server(("127.0.0.1", 0))
    transports: list[paramiko.Transport] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                transport = paramiko.Transport(connection)
                transport.add_server_key(key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, files)
                transport.start_server(server=Login())
                transports.append(transport)

    threading.Thread(target=serve, daemon=True).start()
    yield f"sftp://{LOGIN[0]}:{LOGIN[1]}@127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    for transport in transports:
        transport.close()
