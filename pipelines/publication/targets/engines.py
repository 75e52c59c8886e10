"""The engines that get the marts, by the names that HYPNOMART_TARGET and `publish --to` give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipelines.base.settings import Settings
from pipelines.publication.targets import ducklake, parquet, postgres
from pipelines.publication.targets.copies import Brought


@dataclass(frozen=True)
class Engine:
    """`bring`: what is published to it; `brought_run`: the run whose marts it holds, none before
    the first. Both raise BadConfiguration or TargetUnavailable in a sentence."""

    bring: Callable[[Settings], Brought]
    brought_run: Callable[[Settings], str | None]


ENGINES = {
    "postgres": Engine(postgres.bring, postgres.brought_run),
    "ducklake": Engine(ducklake.bring, ducklake.brought_run),
    "spark": Engine(parquet.bring, parquet.brought_run),
}
