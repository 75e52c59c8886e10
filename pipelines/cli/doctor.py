"""`hypnomart doctor`: what would stop a run, and what to do about it."""

from __future__ import annotations

import typer

from pipelines.cli.terminal import tell


def doctor() -> None:
    """Try source, rights, disk, versions, time and seeds.

    Says what is wrong and what to do; exit code 2 if a run would not succeed.

    Example: hypnomart doctor
    """
    from pipelines.base.settings import load_settings
    from pipelines.run.doctor import examine

    failed = 0
    for finding in examine(load_settings()):
        failed += finding.state == "fails"
        tell(f"{finding.state:<6} {finding.about:<12} {finding.words}")
    tell(f"{failed} to mend." if failed else "A run can start.")
    if failed:
        raise typer.Exit(2)
