"""Editable copies of the shipped seeds, with a page that says what each column means.

The page stands beside the files, since a comment line within a CSV file would be read as a row.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from models.errors import BadConfiguration
from pipelines.transform.seeds.files import SEEDS, described_seeds

INTRODUCTION = """# Seeds

What the business edits. Name this folder in `HYPNOMART_SEEDS`; each file here replaces the shipped
one of its name, and a file that you delete gives way to the shipped one again. CSV, UTF-8, values
separated by commas, days as 2026-07-01. Dated rows hold from `valid_from` on and no longer on
`valid_to`; an empty end is open. What changes is a second row: for a price that rises on 1 October
the old row ends (`valid_to` 2026-10-01) and a new one begins (`valid_from` 2026-10-01). Faults are
named with file, line and column before anything runs.
"""


def init_seeds(folder: Path) -> list[Path]:
    """Write the copies and README.md; returns their paths. Raises rather than replace a file."""
    targets = [folder / path.name for path in sorted(SEEDS.glob("*.csv"))]
    page = folder / "README.md"
    if standing := [path.name for path in (*targets, page) if path.exists()]:
        raise BadConfiguration(
            f"{folder} already holds {', '.join(standing)}; "
            "name another folder, nothing was written."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for target in targets:
        shutil.copyfile(SEEDS / target.name, target)
    page.write_text(column_page(), encoding="utf-8")
    return [*targets, page]


def column_page() -> str:
    """Markdown: each seed, what a row is, and each of its columns."""
    parts = [INTRODUCTION]
    for name, entry in described_seeds().items():
        types = entry["config"]["column_types"]
        lines = [
            f"\n## {name}.csv\n",
            " ".join(entry["description"].split()),
            "\n| column | type | meaning |\n| --- | --- | --- |",
            *(
                f"| {column['name']} | {types[column['name']]} | "
                f"{' '.join(column['description'].split())} |"
                for column in entry["columns"]
            ),
        ]
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)
