"""The gate: what stands between the working file and its publication, each by name.

Every model is demanded as this project's code makes it from the newest snapshot, and a passing
result of every data test and check of severity error on exactly that content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from checks.catalogue import known_checks
from models.counting import counted
from models.errors import BadConfiguration, ChecksFailed
from pipelines.base.settings import DUCKDB, Settings
from pipelines.extract.state.layout import drop_macros
from pipelines.publication import checked
from pipelines.publication.later import later_publication
from pipelines.publication.results import Said, check_results, data_tests
from pipelines.transform.check_models import check_models
from pipelines.transform.content import Code
from pipelines.transform.ledger import Ledger, is_built, is_view, read_ledger
from pipelines.transform.manifest import read_manifest, read_semantics, state_of_project
from pipelines.transform.marts import Manifest, Mart, mart_nodes, published_marts

SHOWN = 5


@dataclass(frozen=True)
class Approval:
    """What may be published: the run, the word of the whole content, and that of each mart and of
    what the checks left; the marts and metrics of the project that was asked for."""

    run_id: str
    content_id: str
    contents: Mapping[str, str]
    marts: Sequence[Mart]
    semantics: str


@contextmanager
def open_ledger(
    settings: Settings, code: Code | None = None
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Ledger]]:
    """The working file's ledger against the project as it is, or as it was when `code` was read.

    Raises BadConfiguration.
    """
    code = code or Code(read_manifest(settings), settings)
    if not settings.warehouse.exists():
        raise BadConfiguration(f"{settings.warehouse} does not exist; run `hypnomart run` first.")
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("set timezone = 'UTC'")
        drop_macros(con)
        yield con, read_ledger(con, code)


def newest_run(con: duckdb.DuckDBPyConnection) -> str | None:
    """The run of the newest extraction; none before the first."""
    found = con.execute(
        "select run_id from meta.run_manifest order by as_of_at desc, run_id limit 1"
    ).fetchone()
    return str(found[0]) if found else None


def extracted_run(settings: Settings, run_id: str) -> str:
    """The run itself, if it extracted, else the run of the newest extraction.

    Raises BadConfiguration before the first.
    """
    if settings.warehouse.exists():
        with duckdb.connect(str(settings.warehouse)) as con:
            own = "select run_id from meta.run_manifest where run_id = ? limit 1"
            if con.execute(own, [run_id]).fetchone():
                return run_id
            if newest := newest_run(con):
                return newest
    raise BadConfiguration(
        f"{settings.warehouse} holds no extraction yet; run `hypnomart run` or `hypnomart extract`."
    )


def newest_run_id(settings: Settings) -> str:
    """The run of the newest extraction. Raises BadConfiguration before the first."""
    return extracted_run(settings, "")


def approve(settings: Settings, run_id: str) -> Approval:
    """What may be published of the run. Raises ChecksFailed that names what is in the way."""
    project = state_of_project(settings)
    with open_ledger(settings) as (con, ledger):
        newest = newest_run(con)
        found = [*later_publication(con, settings), *objections(con, ledger)]
        kept = checked.left(con, ledger.seen_by_checks)
        semantics = read_semantics(settings)
    if project != state_of_project(settings):
        found.append("the project's files changed meanwhile")
    if newest != run_id:
        found.insert(0, f"the working file holds run {newest}")
    if found:
        raise ChecksFailed(f"Run {run_id} is not published. {in_words(found, settings.engine)}")
    nodes = mart_nodes(ledger.manifest).items()
    contents = {node["name"]: ledger.content_of(unique_id) for unique_id, node in nodes}
    marts = published_marts(ledger.manifest)
    return Approval(run_id, ledger.whole, {**contents, **kept}, marts, semantics)


def missing(settings: Settings) -> list[str]:
    """What is in the way of publishing the working file as it is, the most telling first."""
    with open_ledger(settings) as (con, ledger):
        return [*later_publication(con, settings), *objections(con, ledger)]


def in_words(found: Sequence[str], engine: str = DUCKDB) -> str:
    """The first objections to what an engine built, how many there are, and the way out."""
    build, check, publish = (
        f"`hypnomart {step}{'' if engine == DUCKDB else f' --engine {engine}'}`"
        for step in ("build", "check", "publish")
    )
    more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return (
        f"In the way: {'; '.join(found[:SHOWN])}{more}. Mend what failed, then run "
        f"{build}, {check} and {publish}. The previous publication stands."
    )


def objections(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> Iterator[str]:
    """What failed, then what was not built or not asked on the present content."""
    seen = ledger.seen_by_checks
    asked = [*_told_of_tests(ledger), *_told_of_checks(ledger.manifest, check_results(con, seen))]
    yield from (words for has_failed, words in asked if has_failed)
    yield from outdated(ledger)
    yield from (words for has_failed, words in asked if not has_failed)
    for name in checked.written_to(con, checked.left(con, seen)):
        yield f"{name} does not hold what a check of all this content left"


def _told_of_tests(ledger: Ledger) -> Iterator[tuple[bool, str]]:
    """Of each data test in the way: whether it failed on the present content, and what to say."""
    for test_id, name in data_tests(ledger, "error"):
        tested = ledger.tested.get(test_id)
        if tested is None:
            yield False, f"test {name} has no result"
        elif tested.content_id != ledger.seen_by(test_id):
            yield False, f"test {name} saw other content"
        elif tested.status != "pass":
            yield True, f"test {name}: {tested.status}, {counted(tested.failing_rows, 'row')}"


def _told_of_checks(manifest: Manifest, said: Mapping[str, Said]) -> Iterator[tuple[bool, str]]:
    """The same of each check."""
    for name in error_checks(manifest):
        result = said.get(name)
        if result is None:
            yield False, f"check {name} has no result"
        elif not result.is_current:
            yield False, f"check {name} saw other content"
        elif result.status != "passed":
            yield True, f"check {name}: {result.status}, {counted(result.failing_rows, 'row')}"


def outdated(ledger: Ledger) -> Iterator[str]:
    """Models and seeds that are not what this code makes of what they read now, first what was not
    built, by which others read other content."""
    models = {id: node for id, node in ledger.manifest["nodes"].items() if is_built(node)}
    for unique_id, node in models.items():
        if unique_id not in ledger.built:
            yield f"{node['name']} was never built, or written to since it was"
    for unique_id, built in ledger.built.items():
        if not (node := models.get(unique_id)):
            continue
        if built.code_id != ledger.code.word(node):
            yield f"{node['name']} was built by other code, seeds or variables"
        elif not is_view(node) and built.inputs_id != ledger.inputs_of(unique_id):
            yield f"{node['name']} was built from other content than what it reads now"


def error_checks(manifest: Manifest) -> list[str]:
    """The checks of severity error, by name."""
    known = known_checks(check_models(manifest)).values()
    return [check.check_name for check in known if check.severity == "error"]
