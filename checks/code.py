"""A word for the code of the checks: what it says of another code is no result of this one."""

from __future__ import annotations

import hashlib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def code_id(project: Path = PROJECT) -> str:
    """Sixteen hexadecimal digits for the files of checks/, and of models/, which they import."""
    digest = hashlib.sha256()
    for package in ("checks", "models"):
        for path in sorted((project / package).rglob("*")):
            if path.suffix in (".py", ".sql", ".yml"):
                digest.update(f"{path.relative_to(project)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


CODE_ID = code_id()  # of when this process began: what is saved meanwhile runs in the next one
