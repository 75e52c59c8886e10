"""dbt's own unit tests: arithmetic with edges, on rows given by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pipelines.transform.dbt import run_dbt
from tests.warehouse import PRINTED_BY_DBT, build, parsed_manifest, settings_at, write_raw


def test_every_unit_test_of_the_project_passes(tmp_path: Path) -> None:
    manifest = parsed_manifest()
    known = {node.name for node in manifest.unit_tests.values()}
    models = {node.model for node in manifest.unit_tests.values()}
    settings = settings_at(tmp_path)
    # dbt takes the types of the given rows from the relations that they stand for
    write_raw(settings, {}, as_of=datetime(2026, 10, 31))
    build(settings, *sorted(models))

    command = ("test", "--select", "test_type:unit", *PRINTED_BY_DBT)
    results = run_dbt(settings, *command, manifest=manifest).result.results
    assert {r.node.name: r.message for r in results if r.status != "pass"} == {}
    assert {r.node.name for r in results} == known
    assert len(known) >= 26
