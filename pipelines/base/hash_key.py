"""The key of the token hashes: given by HYPNOMART_HASH_KEY, else made once and kept in home."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from models.errors import BadConfiguration
from pipelines.base.private import private_home
from pipelines.base.settings import Settings

BYTES = 32


def with_hash_key(settings: Settings) -> Settings:
    """The settings with a hash key: the one given, else home/hash_key, made on first use.

    Raises BadConfiguration where that file holds none.
    """
    return settings if settings.hash_key else replace(settings, hash_key=_kept(settings.home))


def key_check(hash_key: str) -> str:
    """Tells one hash key from another without telling the key: 48 bits of a hash."""
    return hashlib.sha256(f"hypnomart hash key {hash_key}".encode()).hexdigest()[:12]


def key_path(home: Path) -> Path:
    """Where a generated key is kept, readable by its owner alone."""
    return home / "hash_key"


def _kept(home: Path) -> str:
    path = key_path(home)
    if not path.exists():
        private_home(home)
        _make(path)
    key = path.read_text(encoding="utf-8", errors="replace").strip()
    if len(key) != 2 * BYTES:
        raise BadConfiguration(
            f"{path} holds no hash key; bring it back from a copy, or delete it: another is made, "
            "and tables with tokens are read anew."
        )
    return key


def _make(path: Path) -> None:
    """Write a key beside and link it, so that of two processes the first decides for both."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(beside)
    finally:
        beside.unlink()
