"""Great Expectations' own Data Docs of the suites, as pages in a folder.

They say which expectation held, and show no value of a row.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from checks.expectations import datasource, expectation
from checks.suites.rule import Rule


def write_data_docs(warehouse: Path, rules: Sequence[Rule], *, folder: Path) -> int:
    """Hold every rule on the working file as the last check left it, and write the pages into the
    folder, index.html first. Returns the number of expectations that failed."""
    import great_expectations as gx

    ordered = sorted(rules, key=lambda rule: rule.relation)
    failed = 0
    with datasource(warehouse) as (context, source):
        context.add_data_docs_site("local", site_config=_site(folder))
        for relation, group in groupby(ordered, key=lambda rule: rule.relation):
            suite = context.suites.add(gx.ExpectationSuite(name=relation))
            for rule in group:
                suite.add_expectation(expectation(rule))
            batch = _batch(source, relation)
            definition = context.validation_definitions.add(
                gx.ValidationDefinition(name=relation, data=batch, suite=suite)
            )
            result = definition.run(result_format="BOOLEAN_ONLY")
            failed += sum(not one.success for one in result.results)
        context.build_data_docs("local")
    return failed


def _batch(source: Any, relation: str) -> Any:
    """The whole relation as what an expectation is held on."""
    schema, _, table = relation.rpartition(".")
    with warnings.catch_warnings():
        # The connection has no schema of its own: the suites read from three.
        warnings.simplefilter("ignore", DeprecationWarning)
        asset = source.add_table_asset(
            name=relation, table_name=table, schema_name=schema or "quality"
        )
    return asset.add_batch_definition_whole_table("all")


def _site(folder: Path) -> dict[str, Any]:
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)}
    index = {"class_name": "DefaultSiteIndexBuilder"}
    return {"class_name": "SiteBuilder", "store_backend": store, "site_index_builder": index}
