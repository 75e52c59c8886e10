"""Open the published file, ask it, and write reports from it. Nothing is ever written to it."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import BadConfiguration
from pipelines.query import ask

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl


def open(path: str | os.PathLike[str] | None = None) -> Marts:
    """The published marts: those of a file, or of the settings, as the command line has them.

    Raises HypnomartError where there is no such file yet.
    """
    if path is None:
        from pipelines.base.settings import load_settings

        path = load_settings().published
    marts = Marts(Path(path).absolute())
    ask.opened(marts.path).close()
    return marts


@dataclass(frozen=True)
class Marts:
    """A published file. Each call opens it anew, read-only, so that a new publication is seen
    once no relation of the old one is left.

    `$name` in a statement stands for the value that is given by that name. Calls raise
    HypnomartError with one sentence.
    """

    path: Path

    def relation(self, sql: str, **values: Any) -> duckdb.DuckDBPyRelation:
        """A statement as a relation of DuckDB's, computed once it is asked for its rows."""
        return ask.relation(self.path, sql, values=values)

    def polars(self, sql: str, **values: Any) -> pl.DataFrame:
        """The rows of a statement; money stays decimal, times are UTC."""
        import polars as pl

        return pl.DataFrame(ask.ask_arrow(self.path, sql, values=values))

    def pandas(self, sql: str, **values: Any) -> pd.DataFrame:
        """The rows of a statement, where pandas is installed; money stays `Decimal`."""
        if importlib.util.find_spec("pandas") is None:
            raise BadConfiguration("pandas is not installed: pip install pandas, or ask .polars().")
        return ask.ask_arrow(self.path, sql, values=values).to_pandas()

    def tables(self) -> pl.DataFrame:
        """One row per mart: table_name, rows, comment."""
        return self.polars(ask.TABLES)

    def columns(self, mart: str) -> pl.DataFrame:
        """One row per column of a mart: column_name, data_type, comment."""
        ask.describe(self.path, mart)  # names the nearest mart where there is none
        return self.polars(ask.COLUMNS, name=mart)

    def metrics(self) -> pl.DataFrame:
        """One row per metric: metric, unit, mart, dimensions."""
        from pipelines.query.metrics import LISTED

        return self.polars(LISTED)

    def metric(
        self,
        *names: str,
        by: Sequence[str] = (),
        where: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> pl.DataFrame:
        """Metrics, one column each, by grains (day, week, month …) and dimensions, which stand
        first and order the rows.

        `since` and `until` are days, months or years, the last included.
        """
        from pipelines.query.metrics import Question, statement

        return self.polars(statement(self.path, Question(names, tuple(by), where, since, until)))

    def report(
        self,
        *names: str,
        period: str | None = None,
        formats: Sequence[str] = (),
        folder: str | os.PathLike[str] | None = None,
    ) -> list[Path]:
        """Write reports, all without a name, and return the files.

        `period`: a month, as 2026-10, or a week, as 2026-W44. They lie below `folder`, or where
        the settings have reports.
        """
        from pipelines.base.settings import load_settings
        from pipelines.run.steps import documents_of
        from reports.run import write_reports

        settings = load_settings()
        return write_reports(
            self.path,
            Path(folder).absolute() if folder else settings.reports_dir,
            names=names,
            period=period,
            formats=formats,
            documents=documents_of(settings) if self.path == settings.published else None,
        )
