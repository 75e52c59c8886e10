"""`hypnomart status`: where things stand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from pipelines.cli.terminal import tell


def status(as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False) -> None:
    """Show what is published, its age, its rows, failed checks.

    Example: hypnomart status --json
    """
    from pipelines.base.settings import load_settings
    from pipelines.run.status import as_text, read_status

    facts = read_status(load_settings(), now=datetime.now(UTC))
    tell(json.dumps(facts, indent=2, default=str) if as_json else as_text(facts))
