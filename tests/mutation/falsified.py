"""A rule of a model's SQL, falsified, and the models behind it built again in a copy."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipelines.base.settings import Settings


@dataclass(frozen=True)
class Break:
    """A rule of a model, as its compiled SQL says it, and what it is falsified to."""

    name: str
    model: str
    rule: str
    falsified: str

    def of(self, model: str, sql: str) -> str:
        """The SQL of a model, with the rule falsified where it is the one that says it."""
        if model != self.model:
            return sql
        assert self.rule in sql, f"{model} no longer says: {self.rule}"
        return sql.replace(self.rule, self.falsified)


@dataclass(frozen=True)
class Compiled:
    """A model's name, its schema.name, and what dbt made of its file."""

    name: str
    relation: str
    sql: str


def broken(
    settings: Settings, models: Sequence[Compiled], *, fault: Break, folder: Path
) -> Settings:
    """A copy of the working file in which a rule is falsified. `models`: those needed first stand
    first; from the falsified one on they are built again."""
    copy = replace(settings, home=folder / "home")
    copy.home.mkdir()
    shutil.copy(settings.warehouse, copy.warehouse)
    first = [model.name for model in models].index(fault.model)
    with duckdb.connect(str(copy.warehouse)) as con:
        con.execute("set timezone = 'UTC'")
        for model in models[first:]:
            kind = "view" if model.name.startswith("stg_") else "table"
            sql = fault.of(model.name, model.sql)
            con.execute(f"create or replace {kind} {model.relation} as {sql}")
    return copy
