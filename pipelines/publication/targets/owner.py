"""Whose it is what stands at a target: a home replaces what came of its own runs alone."""

from __future__ import annotations

import re

from models.errors import BadConfiguration
from pipelines.base.settings import Settings
from pipelines.publication.publications import is_known

# What a schema's comment begins with says that it is ours, and whether it holds copies or what was
# built there: only one of the same kind is ever replaced.
MARK = "Marts of hypnomart"
COPIED = f"{MARK}, replaced as a whole"
BUILT = f"{MARK}, made anew"
OF_RUN = re.compile(r" of run (\S+)\.$")


def copied_of(run_id: str) -> str:
    """What a schema of copies says of itself."""
    return f"{COPIED} by each publication; this one is of run {run_id}."


def built_of(run_id: str) -> str:
    """What a schema that a build made says of itself."""
    return f"{BUILT} by each build, last of run {run_id}."


def refuse_schema_of_another_home(
    settings: Settings, *, schema: str, comment: str, place: str
) -> None:
    """Raise BadConfiguration where a schema of ours says that it is another home's. `place`: where
    it stands, as a sentence begins with it."""
    if found := OF_RUN.search(comment):
        refuse_another_home(
            settings,
            found[1],
            what=f"{place} has a schema {schema} of",
            variable="HYPNOMART_TARGET_SCHEMA",
        )


def refuse_another_home(settings: Settings, run_id: str, *, what: str, variable: str) -> None:
    """Raise BadConfiguration where a run is none of this home's: what two homes write to one place
    would take turns, and an erasure of one would reach the other. `what`: holds the run."""
    if not is_known(settings, run_id):
        raise BadConfiguration(
            f"{what} run {run_id}, which this home never made: another home writes there. Name "
            f"another in {variable}, or remove what lies there if its home is gone. Nothing was "
            "written."
        )
