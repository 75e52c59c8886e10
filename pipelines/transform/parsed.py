"""What dbt parsed of the project, kept for every home: parsing takes 5 s of processor time, reading
what was kept a quarter of one. dbt's own partial parse starts anew for each working file."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pipelines.base.settings import PROJECT, Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

DBT_PROJECT = PROJECT / "dbt_project"
NONE: Mapping[str, Any] = MappingProxyType({})
KEPT = 12  # of 6 MB each, the last used
LEFT = 3_600  # seconds, after which nobody writes on


def parsed(settings: Settings, project: Path, *, parse: Callable[[], Manifest]) -> Manifest:
    """The manifest of the project: the one kept of any folder with its code, else what `parse`
    makes of it, which is kept. One that cannot be read is made anew."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.contracts.graph.nodes import SeedNode
    from dbt.flags import get_flags
    from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder

    # a kept manifest comes without dbt having run, and dbt asks for its own flag when it writes one
    flags: Any = get_flags()  # type: ignore[no-untyped-call]
    flags.__dict__.setdefault("SEND_ANONYMOUS_USAGE_STATS", False)
    path = kept_folder(settings) / f"parsed-{code_of_project(project)}.msgpack"
    manifest = _read(path)
    if manifest is None:
        content = bytes(parse().to_msgpack(extended_mashumaro_encoder))
        if path.name == f"parsed-{code_of_project(project)}.msgpack":
            write_kept(path, content)  # no file was saved meanwhile
        manifest = Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
    for node in manifest.nodes.values():
        if isinstance(node, SeedNode):
            node.root_path = str(project)  # where dbt reads its rows
    return manifest


def _read(path: Path) -> Manifest | None:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    try:
        content = read_kept(path)
        return Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError):
        path.unlink(missing_ok=True)
        return None


def code_of_project(project: Path, variables: Mapping[str, Any] = NONE) -> str:
    """A word that changes with dbt, its project's files, and the variables; of a seed its name
    counts, not its rows, which dbt reads only as it loads them. What is parsed depends on no
    variable: SQL alone reads them, and dbt asks for their values as it compiles."""
    digest = hashlib.sha256(f"{version('dbt-core')} {version('dbt-duckdb')}\n".encode())
    digest.update(json.dumps(dict(variables), sort_keys=True).encode())
    for path in project_files(project):
        with suppress(FileNotFoundError):  # an editor's own, gone again
            content = b"" if path.suffix == ".csv" else path.read_bytes()
            digest.update(f"\n{path.relative_to(project)}\n".encode() + content)
    return digest.hexdigest()[:16]


def project_files(project: Path) -> Iterator[Path]:
    """The files of the project that dbt reads, none that it writes."""
    for entry in sorted(project.iterdir()):
        if entry.name not in ("target", "logs"):
            found = [entry] if entry.is_file() else sorted(entry.rglob("*"))
            yield from (path for path in found if path.is_file() and not _is_editors(path))


def _is_editors(path: Path) -> bool:
    """What editors and file managers keep beside a file."""
    return path.name.startswith(".") or path.name.endswith("~")


def kept_folder(settings: Settings) -> Path:
    """dbt's own target folder where we may write there, else one below home."""
    shared = DBT_PROJECT / "target"
    is_ours = os.access(shared if shared.exists() else DBT_PROJECT, os.W_OK)
    folder = shared if is_ours else settings.home / "dbt"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def read_kept(path: Path) -> bytes:
    """Read a kept file, which then is the newest of its kind. Raises FileNotFoundError."""
    content = path.read_bytes()
    with suppress(FileNotFoundError):  # another process may just have forgotten it
        path.touch()
    return content


def write_kept(path: Path, content: bytes) -> None:
    """Write a kept file under its name once it is whole; forget those unused for longest, and what
    killed processes left unfinished."""
    # processes of two containers may have one id
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
    kind = f"{path.stem.split('-')[0]}-*{path.suffix}"
    kept = sorted(_with_ages(path.parent.glob(kind)))
    left = [one for one in _with_ages(path.parent.glob(f"{kind}.*")) if one[0] > LEFT]
    for _, one in (*kept[KEPT:], *left):
        one.unlink(missing_ok=True)


def _with_ages(paths: Iterable[Path]) -> Iterator[tuple[float, Path]]:
    """Each file with the seconds since it was last used; not those that are gone meanwhile."""
    for path in paths:
        with suppress(FileNotFoundError):
            yield time.time() - path.stat().st_mtime, path
