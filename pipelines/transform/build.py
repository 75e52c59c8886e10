"""Build seeds, models and data tests: dbt says what they are, DuckDB runs what dbt compiled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

import duckdb

from models.counting import counted
from models.quoting import quoted
from pipelines.base.progress import built
from pipelines.base.settings import Settings
from pipelines.transform.check_models import is_of_checks
from pipelines.transform.compiled import compiled
from pipelines.transform.dbt import KINDS, QUIET, BuildFailed, run_dbt
from pipelines.transform.lineage import table as lineage
from pipelines.transform.making import make_models
from pipelines.transform.manifest import Files, refuse_changed
from pipelines.transform.marts import Manifest
from pipelines.transform.nodes import NodeResult, result_of
from pipelines.transform.parsed import kept_folder
from pipelines.transform.seeds.faults import refuse_faulty_seeds
from pipelines.transform.testing import run_tests

TOLD_EACH = 50
ROW_GROUP = 122_880  # rows, by which DuckDB divides a table among threads


def build(
    settings: Settings,
    manifest: Manifest,
    *,
    progress: Callable[[str], None],
    ids: Collection[str] | None = None,
    current: Collection[str] = (),
    files: Files | None = None,
) -> Iterator[NodeResult]:
    """Build seeds, models and data tests, all or those of `ids`: one result per node as it comes,
    parents first. Seeds that are `current` stand as they are. `files`: those that the manifest was
    read from, which must stay until all is compiled.

    A model or test that fails is a result, not an exception; what reads it is skipped. Raises
    BuildFailed where dbt cannot compile one, or cannot load a seed.
    """
    for warning in refuse_faulty_seeds(settings):
        progress(warning)
    nodes = [
        node
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in KINDS and (ids is None or unique_id in ids)
    ]
    for done, result in enumerate(
        _results(
            settings,
            manifest,
            nodes=nodes,
            current=current,
            is_whole=ids is None,
            files=files,
            progress=progress,
        ),
        start=1,
    ):
        if result.status in ("error", "fail", "warn"):
            progress(f"{result.name}: {result.status}")
        elif done % TOLD_EACH == 0 or done == len(nodes):
            progress(f"{done:,} of {built(len(nodes))}")
        yield result


def _results(
    settings: Settings,
    manifest: Manifest,
    *,
    nodes: Sequence[Manifest],
    current: Collection[str],
    is_whole: bool,
    files: Files | None,
    progress: Callable[[str], None],
) -> Iterator[NodeResult]:
    seeds, models, tests = (
        [node for node in nodes if node["resource_type"] == kind] for kind in KINDS
    )
    is_traced = any(node["name"] == lineage.MART for node in models)
    read = _traced(manifest) if is_traced else []
    with _unchanged(settings, files):
        sql = compiled(settings, [node["unique_id"] for node in (*read, *models, *tests)])
    yield from _load_seeds(settings, seeds, current=current)
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("set timezone = 'UTC'")
        one_thread_each(con)
        if is_whole:
            drop_tables(con, models)
        if is_traced:
            lineage.ensure_table(con)
        are_made = True
        for made in make_models(con, models, sql=sql):
            are_made &= made.status == "success"
            yield made
        if is_traced and are_made:
            by_name = {f"{n['schema']}.{n['alias']}": sql[n["unique_id"]] for n in read}
            try:
                lineage.refresh(
                    con, by_name, relations=_readable(manifest), kept=kept_folder(settings)
                )
            except lineage.LineageUnknown as error:
                progress(str(error))
        yield from run_tests(con, tests, sql=sql)


@contextmanager
def _unchanged(settings: Settings, files: Files | None) -> Iterator[None]:
    try:
        yield
    except BuildFailed:
        if files is not None:
            refuse_changed(settings, files)  # which tells more than what dbt made of it
        raise
    if files is not None:
        refuse_changed(settings, files)


def drop_tables(con: duckdb.DuckDBPyConnection, models: Sequence[Manifest]) -> None:
    """Drop what is about to be made anew, so that the new tables take the room of the old: replaced
    one by one while others are at work, both stay in the file, which was twice as large."""
    names = {(node["schema"], node["alias"]) for node in models}
    there = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
    con.execute("begin")
    for schema, name in there:
        if (schema, name) in names:
            con.execute(f"drop table {quoted(schema)}.{quoted(name)}")
    con.execute("commit")
    con.execute("checkpoint")


def one_thread_each(con: duckdb.DuckDBPyConnection) -> None:
    """Where no table is larger than what DuckDB gives a thread, have the nodes that are made at the
    same time take a thread each: further ones found nothing to do, and took a quarter of the build
    to look for it."""
    found = con.execute("select max(estimated_size) from duckdb_tables()").fetchone()
    if found and (found[0] or 0) <= ROW_GROUP:
        con.execute("set threads = 1")


def compiled_nodes(manifest: Manifest) -> list[str]:
    """The models and data tests of the project, whose SQL a whole build runs."""
    return [i for i, n in manifest["nodes"].items() if n["resource_type"] in ("model", "test")]


def _traced(manifest: Manifest) -> list[Manifest]:
    """The marts and what may lie below them."""
    models = (node for node in manifest["nodes"].values() if node["resource_type"] == "model")
    return [node for node in models if not is_of_checks(node)]


def _readable(manifest: Manifest) -> set[str]:
    """What models may read, by schema.table."""
    sources = {f"{one['schema']}.{one['identifier']}" for one in manifest["sources"].values()}
    nodes = (n for n in manifest["nodes"].values() if n["resource_type"] in ("model", "seed"))
    return sources | {
        f"{node['schema']}.{node['alias']}" for node in nodes if not is_of_checks(node)
    }


def _load_seeds(
    settings: Settings, seeds: Sequence[Manifest], *, current: Collection[str]
) -> Iterator[NodeResult]:
    """Have dbt load the seeds that are not there as they should be."""
    yield from (result_of(node, "success") for node in seeds if node["unique_id"] in current)
    stale = [node for node in seeds if node["unique_id"] not in current]
    if not stale:
        return
    names = [f"fqn:{'.'.join(node['fqn'])}" for node in stale]
    ran = run_dbt(settings, "seed", "--no-write-json", *QUIET, "--select", *names)
    loaded = {run.node.unique_id: run for run in getattr(ran.result, "results", None) or []}
    if not loaded:
        raise BuildFailed(
            f"dbt could not load the seeds: {ran.exception}. The previous publication stands."
        )
    if broken := [one for one in loaded.values() if str(one.status) != "success"]:
        said = "; ".join(f"{one.node.name}: {' '.join(str(one.message).split())}" for one in broken)
        raise BuildFailed(f"dbt could not load seeds: {said}. The previous publication stands.")
    for node in stale:
        run = loaded[node["unique_id"]]
        yield result_of(node, str(run.status), seconds=run.execution_time, message=run.message)


def refuse_unbuilt(nodes: Sequence[NodeResult]) -> None:
    """Raise BuildFailed where a node could not be built."""
    if broken := [node for node in nodes if node.status == "error"]:
        details = "; ".join(f"{node.name}: {node.message}" for node in broken[:5])
        skipped = sum(node.status == "skipped" for node in nodes)
        left_out = f" Left out, as they read them: {skipped}." if skipped else ""
        raise BuildFailed(
            f"{counted(len(broken), 'node')} could not be built: {details}.{left_out} "
            "The previous publication stands."
        )
