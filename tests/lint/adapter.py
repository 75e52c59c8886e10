"""What sqlfluff takes for dbt's `adapter`: DuckDB's words, the ones that are linted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context


@pass_context
def dispatch(context: Context, name: str, package: str) -> Callable[..., Any]:
    """The macro that DuckDB runs; `package` is always the project."""
    macro: Callable[..., Any] = context[f"default__{name}"]
    return macro
