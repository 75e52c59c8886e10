"""The SQL of models and data tests as dbt compiles it, kept for every home.

It changes with the project's files and the variables alone: no macro asks the working file, none
the rows of seeds. dbt takes 20 ms a node to compile it, and as many again to run it; DuckDB takes 5
for both.
"""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from pipelines.base.settings import Settings
from pipelines.transform.content import word
from pipelines.transform.dbt import QUIET, BuildFailed, code_of, environment, parse, run_dbt
from pipelines.transform.parsed import kept_folder, read_kept, write_kept

# Beyond so many, dbt is faster with all nodes than in finding those that are named.
FEW = 150


def compiled(settings: Settings, ids: Collection[str]) -> dict[str, str]:
    """The SQL of each of these models and data tests, by unique_id.

    Raises BuildFailed where dbt cannot compile one, by name.
    """
    code = code_of(settings)
    path = kept_folder(settings) / f"compiled-{code}.json"
    kept = _read(path)
    if missing := [one for one in ids if one not in kept]:
        kept |= _compile(settings, missing)
        if code == code_of(settings):  # no file was saved meanwhile
            write_kept(path, json.dumps({"sql": kept, "word": word(kept)}).encode())
    return {one: kept[one] for one in ids}


@contextmanager
def compiled_meanwhile(settings: Settings, ids: Collection[str]) -> Iterator[None]:
    """Have a process of its own compile these while a block runs. What it cannot compile it leaves
    to who asks for it."""
    process = get_context("spawn").Process(
        target=_compiled_aside, args=(settings, ids), daemon=True
    )
    with environment({"PYTHONSAFEPATH": "1"}):  # the folder where somebody stands may hold `json`
        process.start()
    try:
        yield
        process.join()
    finally:
        process.kill()
        process.join()


def _compiled_aside(settings: Settings, ids: Collection[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # who is told at the terminal is the parent
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    compiled(settings, ids)


def _read(path: Path) -> dict[str, str]:
    """What was kept; nothing where the file is not there, in pieces, or was written to since."""
    try:
        kept = json.loads(read_kept(path))
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(kept, dict) or word(kept.get("sql")) != kept.get("word"):
        return {}
    return dict(kept["sql"])


def _compile(settings: Settings, ids: Collection[str]) -> Mapping[str, str]:
    manifest = parse(settings)
    select = ["--select", "resource_type:model", "resource_type:test"]
    if gone := [one for one in ids if one not in manifest.nodes]:
        raise BuildFailed(
            f"The project has no {', '.join(gone[:5])} any more: its files changed since it was "
            "read. Run it again. The previous publication stands."
        )
    if len(ids) <= FEW:
        names = [".".join(manifest.nodes[one].fqn) for one in ids]
        select = ["--select", *(f"fqn:{name}" for name in names), "--indirect-selection", "empty"]
    with tempfile.TemporaryDirectory() as folder:
        elsewhere = replace(settings, home=Path(folder))  # the working file is not needed
        result = run_dbt(
            elsewhere, "compile", "--no-introspect", *QUIET, *select, manifest=manifest
        )
    nodes = getattr(result.result, "results", None) or []
    sql = {n.node.unique_id: n.node.compiled_code for n in nodes if n.status == "success"}
    if lacking := [one for one in ids if not sql.get(one)]:
        said = [f"{n.node.name}: {n.message}" for n in nodes if n.status != "success"]
        reason = "; ".join(said[:5]) or str(result.exception or f"nothing for {lacking[0]}")
        raise BuildFailed(f"dbt cannot compile {reason}. The previous publication stands.")
    return sql
