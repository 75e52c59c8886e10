"""The data dictionary as a report of a day, and as files of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from models.dictionary import read_dictionary
from models.errors import BadConfiguration
from models.live import Catalogue, load_catalogue
from reports.dictionary.markdown import dictionary_text
from reports.dictionary.marts import read_marts
from reports.dictionary.site import FOLDER, Stamp, write_site
from reports.manifest import Entry, entry_of
from reports.published import Period, Published
from reports.shown import showings

MARKDOWN = "data_dictionary.md"


def write_dictionary(
    published: Published, folder: Path, *, formats: Sequence[str], period: Period | None
) -> list[Entry]:
    """Write the pages below `folder`/dictionary, and the tables as one Markdown file beside them.

    A period restricts nothing: the dictionary says what stands. Raises BadConfiguration where the
    catalogue that a run kept cannot be read.
    """
    documents = published.documents
    catalogue = load_catalogue(documents.catalogue) if documents else None
    if documents is None or catalogue is None:
        raise BadConfiguration(
            "The source's catalogue of the newest extraction cannot be read; "
            "run `hypnomart extract` to keep it anew."
        )
    dictionary = read_dictionary(catalogue)
    paths: dict[Path, str] = {}
    if "html" in formats:
        marts = read_marts(
            json.loads(documents.manifest.read_text("utf-8")), published, pages=showings()
        )
        stamp = Stamp(published.as_of_at, published.run_id, published.pages)
        paths |= dict.fromkeys(
            write_site(folder / FOLDER, dictionary, marts=marts, stamp=stamp), "html"
        )
    if "md" in formats:
        path = folder / FOLDER / MARKDOWN
        path.parent.mkdir(exist_ok=True)
        path.write_text(dictionary_text(dictionary), encoding="utf-8")
        paths[path] = "md"
    return [
        entry_of(
            path, folder, report="dictionary", format=format, as_of_at=published.as_of_at
        )
        for path, format in paths.items()
    ]  # fmt: skip


def write_documents(path: Path, catalogue: Catalogue, *, manifest: Path) -> Path:
    """Write the dictionary of a live database: Markdown alone where the path ends in .md, else the
    pages and the Markdown into a folder. Marts are described where dbt has left a manifest.
    """
    dictionary = read_dictionary(catalogue)
    markdown = path if path.suffix == ".md" else path / MARKDOWN
    markdown.parent.mkdir(parents=True, exist_ok=True)
    if path != markdown:
        found = json.loads(manifest.read_text("utf-8")) if manifest.is_file() else None
        now = datetime.now(UTC).replace(tzinfo=None)
        marts = read_marts(found, None, pages=showings()) if found else ()
        write_site(path, dictionary, marts=marts, stamp=Stamp(now, ""))
    unfinished = markdown.with_name(markdown.name + ".new")
    unfinished.write_text(dictionary_text(dictionary), encoding="utf-8")
    unfinished.replace(markdown)
    return path
