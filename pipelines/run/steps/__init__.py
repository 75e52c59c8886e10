"""The steps of a run, one function each; Dagster assets and the command line both call these."""

# DuckDB imports both while it reads: an interrupt that arrived there was lost, and the import lock
# with it. So they come before the first connection.
import numpy  # noqa: F401
import pandas  # noqa: F401

from pipelines.publication.gate import newest_run_id
from pipelines.run.steps.building import build_step, building, seeds_step
from pipelines.run.steps.checking import check_step, refuse_errors
from pipelines.run.steps.extraction import extract_step, source_url
from pipelines.run.steps.publishing import publish_step, reach, target_step
from pipelines.run.steps.reporting import documents_of, report_step

__all__ = [
    "build_step",
    "building",
    "check_step",
    "documents_of",
    "extract_step",
    "newest_run_id",
    "publish_step",
    "reach",
    "refuse_errors",
    "report_step",
    "seeds_step",
    "source_url",
    "target_step",
]
