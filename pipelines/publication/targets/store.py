"""A folder, or a store that fsspec knows by URL, which holds Parquet files and their manifest."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from fsspec.core import url_to_fs

from models.errors import BadConfiguration, HypnomartError, TargetUnavailable
from models.quoting import literal
from pipelines.base.delivery_settings import shown_store
from pipelines.base.files import hand_over, take_place
from pipelines.base.private import SHARED_FILE, shared_folder
from pipelines.transform.content import word
from reports.deliver.run import reason

MANIFEST = "manifest.json"
OURS = re.compile(r"publication-[0-9a-f]{12}")  # what folders of publications are called
FILE = re.compile(rf"{OURS.pattern}/\w+/\w+\.parquet")  # and a file of a table in one
NEEDED = {"run_id", "folder", "erased", "tables"}
FORMAT = "hypnomart-marts/1"


def folder_name() -> str:
    """The name of a new publication's folder."""
    return f"publication-{uuid.uuid4().hex[:12]}"


def signed(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest with a word that stands for the rest of it."""
    rest = {key: said for key, said in manifest.items() if key != "word"}
    return {**rest, "word": word(rest)}


@dataclass(frozen=True)
class Store:
    """`place`: as it is shown; `is_folder`: whether it lies on a file system of this machine."""

    place: str
    files: Any
    root: str
    is_folder: bool

    def path(self, name: str) -> str:
        """Where a file lies, as its file system names it."""
        return f"{self.root}/{name}"

    def manifest(self) -> dict[str, Any] | None:
        """What stands; none before the first publication. Raises BadConfiguration for a manifest
        that is not ours."""
        self.files.invalidate_cache()
        try:
            text = self.files.cat_file(self.path(MANIFEST))
        except FileNotFoundError:
            return None
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if (
            not isinstance(found, dict)
            or found.get("format") != FORMAT
            or not found.keys() >= NEEDED
        ):
            raise BadConfiguration(
                f"{self.place} holds a {MANIFEST} that is not of hypnomart's marts; name another "
                "place in HYPNOMART_PARQUET. Nothing was written."
            )
        return found

    def put(self, local: Path, name: str) -> None:
        """Bring a file there; `name` may hold folders, which an object store has not: asked for
        one, it would make a bucket of a name that was mistyped."""
        if self.is_folder:
            self.files.makedirs(self.path(name).rpartition("/")[0], exist_ok=True)
        self.files.put_file(str(local), self.path(name))

    def replace_manifest(self, manifest: dict[str, Any]) -> None:
        """Readers see the old one or the new one: a store takes a file as a whole, a folder gets it
        by rename."""
        text = json.dumps(signed(manifest), indent=1).encode()
        if not self.is_folder:
            self.files.pipe_file(self.path(MANIFEST), text)
            return
        fresh = Path(self.path(f".{MANIFEST}.{uuid.uuid4().hex[:12]}"))
        fresh.write_bytes(text)
        fresh.chmod(SHARED_FILE)
        take_place(fresh, Path(self.path(MANIFEST)))

    def publications(self) -> list[str]:
        """The names of the folders of publications; what else lies there is somebody else's."""
        self.files.invalidate_cache()
        try:
            listed = self.files.ls(self.root, detail=False)
        except FileNotFoundError:
            return []
        names = (path.rstrip("/").rpartition("/")[2] for path in listed)
        return sorted(filter(OURS.fullmatch, names))

    def remove(self, publication: str) -> None:
        """Delete a publication's files."""
        self.files.rm(self.path(publication), recursive=True)

    def share(self, publication: str) -> None:
        """Bring a folder's files to disk, and let others read them, whatever the umask; a store has
        rules of its own."""
        if self.is_folder:
            hand_over(Path(self.path(publication)))

    def in_duckdb(self, con: duckdb.DuckDBPyConnection, names: list[str]) -> str:
        """DuckDB: the rows of Parquet files."""
        if self.is_folder:
            paths = [self.path(name) for name in names]
        else:
            protocols = self.files.protocol
            scheme = protocols if isinstance(protocols, str) else protocols[0]
            if not con.filesystem_is_registered(scheme):
                con.register_filesystem(self.files)
            paths = [f"{scheme}://{self.path(name).lstrip('/')}" for name in names]
        return f"read_parquet([{', '.join(map(literal, paths))}])"


@contextmanager
def opened_store(place: str, *, for_writing: bool = False) -> Iterator[Store]:
    """The store for a block, a folder made where it is missing if it is for writing. Raises
    TargetUnavailable in a sentence where it refuses."""
    try:
        files, root = url_to_fs(place)
        is_folder = "file" in _protocols(files)
        if is_folder and for_writing:
            shared_folder(Path(root))
        yield Store(shown_store(place), files, root.rstrip("/"), is_folder)
    except HypnomartError:
        raise
    except Exception as error:  # a store's driver raises what it likes
        raise TargetUnavailable(
            f"{shown_store(place)} refuses the marts: {reason(error)}; mend that, or name another "
            "place in HYPNOMART_PARQUET. What stands there is as before."
        ) from error


def _protocols(files: Any) -> tuple[str, ...]:
    found = files.protocol
    return (found,) if isinstance(found, str) else tuple(found)
