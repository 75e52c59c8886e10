"""dbt's manifest of the project as it is now: parsed once for each state of the project's files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipelines.base.settings import Settings
from pipelines.transform.dbt import BuildFailed, manifest_file, parse
from pipelines.transform.marts import Manifest
from pipelines.transform.parsed import DBT_PROJECT, project_files

Files = Mapping[Path, tuple[int, int]]  # size, and when it was written


def read_manifest(settings: Settings) -> Manifest:
    """The manifest of the project, its seeds and variables as they are; parsed anew where they
    changed or the kept file cannot be read. Raises BuildFailed."""
    path = manifest_file(settings)
    state = state_of_project(settings)
    if _text(path.with_suffix(".state")) != state:
        return _parsed(settings, path, state=state)
    return _kept(path, _stamp(path)) or _parsed(settings, path, state=state)


def read_semantics(settings: Settings) -> str:
    """The semantic manifest, metrics and models, of the project as it is now."""
    read_manifest(settings)
    path = semantics_file(manifest_file(settings))
    if not path.exists():  # kept by a version that knew no metrics
        _parsed(settings, manifest_file(settings), state=state_of_project(settings))
    return path.read_text(encoding="utf-8")


def semantics_file(path: Path) -> Path:
    """Where the semantic manifest stands beside the manifest."""
    return path.with_suffix(".semantics")


def write_semantics(parsed: Any, path: Path) -> None:
    """Write the metrics and semantic models of a parsed project."""
    from dbt.contracts.graph.semantic_manifest import SemanticManifest

    SemanticManifest(parsed).write_json_to_file(str(path))


def state_of_project(settings: Settings) -> str:
    """A word that changes with every file that dbt reads, and with the variables."""
    digest = hashlib.sha256(json.dumps(dict(settings.dbt_vars), sort_keys=True).encode())
    for path, (size, written_at) in files_of_project(settings).items():
        digest.update(f"{path} {size} {written_at}\n".encode())
    return digest.hexdigest()


def files_of_project(settings: Settings) -> Files:
    """Every file that dbt reads, as it is."""
    found = {}
    for path in _files(settings):
        with suppress(FileNotFoundError):  # an editor's own, gone again
            stat = path.stat()
            found[path] = stat.st_size, stat.st_mtime_ns
    return found


def refuse_changed(settings: Settings, before: Files) -> None:
    """Raise BuildFailed that names the files of the project that are not as they were: what dbt
    compiled is neither the project of before nor that of now."""
    now = files_of_project(settings)
    changed = [path for path in {**before, **now} if before.get(path) != now.get(path)]
    if changed:
        names = ", ".join(path.name for path in changed[:5])
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        raise BuildFailed(
            f"{names}{more} changed while dbt compiled the project. Once all is saved, run it "
            "again. The previous publication stands."
        )


def _files(settings: Settings) -> Iterator[Path]:
    yield from project_files(DBT_PROJECT)
    if settings.seeds_dir:
        yield from sorted(settings.seeds_dir.glob("*.csv"))


def _stamp(path: Path) -> tuple[int, ...]:
    """Changes when a file is written."""
    stat = path.stat() if path.exists() else None
    return (stat.st_ino, stat.st_size, stat.st_mtime_ns) if stat else ()


@lru_cache(maxsize=2)  # reading takes 0.2 s, and each step of a run asks
def _kept(path: Path, stamp: tuple[int, ...]) -> Manifest | None:
    """What an earlier parse left; none where it is not there or in pieces."""
    try:
        manifest = json.loads(_text(path))
    except ValueError:
        return None
    is_whole = isinstance(manifest, dict) and {"nodes", "macros", "sources"} <= manifest.keys()
    return manifest if is_whole else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _parsed(settings: Settings, path: Path, *, state: str) -> Manifest:
    """Parse, and keep what came out under its final name only once it is whole."""
    parsed = parse(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".state").unlink(missing_ok=True)
    unfinished = path.with_suffix(".unfinished")
    parsed.write(str(unfinished))
    write_semantics(parsed, semantics_file(path))
    unfinished.replace(path)
    path.with_suffix(".state").write_text(state, encoding="utf-8")
    manifest: Manifest = json.loads(_text(path))
    return manifest
