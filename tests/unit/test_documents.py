"""Links between the project's documents lead somewhere, and each decision stands in the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
# Folders that a tool or a run makes are no documents of the project.
DOCUMENTS = [
    path
    for pattern in ("*.md", "[!.]*/**/*.md")
    for path in sorted(PROJECT.glob(pattern))
    if not {"node_modules", "target"} & {*path.parts}
]
REPEATED = re.compile(r"`[^`\n]*(pytest [^`\n]*)`")
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def anchors(path: Path) -> list[str]:
    """What the headings of a page are linked by, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("page", DOCUMENTS, ids=name_of)
def test_links_lead_to_a_file_and_a_heading_that_exist(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), link
        assert not anchor or anchor in anchors(file), link


@pytest.mark.parametrize("page", DOCUMENTS, ids=name_of)
def test_what_repeats_a_figure_selects_tests_that_exist(page: Path) -> None:
    """Each file, and each word of `-k`, which names tests by a part of their name."""
    for command in REPEATED.findall(page.read_text(encoding="utf-8")):
        files = [PROJECT / name for name in re.findall(r"tests/\S+", command)]
        assert all(file.exists() for file in files), command
        names = [
            name
            for file in files
            if file.is_file()
            for name in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
        ]
        for chosen in re.findall(r'-k (?:"([^"]+)"|(\S+))', command):
            for word in re.split(r" (?:or|and) ", "".join(chosen)):
                assert any(word in name for name in names), command


def test_every_decision_stands_in_the_index_once_with_its_day() -> None:
    lines = (PROJECT / "DECISIONS.md").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if line.startswith("- ")]
    linked = [re.fullmatch(r"- \d{4}-\d\d-\d\d \[.+\]\((\S+#\S+)\)", entry) for entry in entries]
    pages = sorted((PROJECT / "docs" / "decisions").glob("*.md"))
    decisions = [f"{name_of(page)}#{anchor}" for page in pages for anchor in anchors(page)[1:]]
    assert sorted(link[1] for link in linked if link) == sorted(decisions)
    assert None not in linked
