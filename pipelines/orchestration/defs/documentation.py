"""documentation/<dbt|great_expectations>: what the tools say of themselves, when somebody asks."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg

from pipelines.base.settings import Settings
from pipelines.orchestration.defs.publication import KEY as PUBLICATION_KEY
from pipelines.orchestration.defs.resources import Writer
from pipelines.orchestration.instance import POOL
from pipelines.run.documentation import data_docs, dbt_documents

PREFIX = "documentation"


def _document(
    name: str, description: str, *, write: Callable[[Settings], Path]
) -> dg.AssetsDefinition:
    @dg.asset(
        key=dg.AssetKey([PREFIX, name]),
        deps=[PUBLICATION_KEY],
        group_name="reports",
        kinds={"file"},
        pool=POOL,
        description=description,
    )
    def document(
        settings: dg.ResourceParam[Settings], writer: dg.ResourceParam[Writer]
    ) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata={"page": dg.MetadataValue.path(str(write(settings)))})

    return document


documents = [
    _document(
        "dbt", "dbt's own documentation of models and lineage, one page.", write=dbt_documents
    ),
    _document(
        "great_expectations", "Data Docs of every suite, without values of rows.", write=data_docs
    ),
]
documentation_job = dg.define_asset_job(
    "documentation",
    selection=dg.AssetSelection.key_prefixes(PREFIX),
    executor_def=dg.in_process_executor,
    description="The documents of dbt and Great Expectations, linked from the index of reports.",
)
