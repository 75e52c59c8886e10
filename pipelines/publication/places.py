"""The folders that a home publishes to and has published to, each held by one writer at a time.

Home keeps a list of those outside it: a person is erased from all of them, whatever
HYPNOMART_PUBLISHED names today.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from models.errors import HypnomartError
from pipelines.base.files import synchronise
from pipelines.base.lock import folder_lock
from pipelines.base.private import shared_folder
from pipelines.base.settings import Settings

EARLIER = "earlier"  # the folder of earlier publications, beside the current one


@contextmanager
def publishing(settings: Settings) -> Iterator[None]:
    """The folder of the publication, made and held for a block.

    Raises WarehouseLocked where another home goes on publishing there, HypnomartError where the
    disk refuses.
    """
    folder = settings.published.parent
    with ExitStack() as held:
        try:
            if settings.published_dir:
                shared_folder(folder)
            folder.mkdir(parents=True, exist_ok=True)
            held.enter_context(folder_lock(folder))
        except OSError as error:
            raise HypnomartError(
                f"{folder} could not be written to: {error.strerror}. The previous publication "
                "stands; make room or grant the right to read and write there, then run "
                "`hypnomart publish`."
            ) from error
        yield


def everywhere(settings: Settings) -> list[Settings]:
    """The settings, and those by which home published to each other folder: its own, to which one
    returns once HYPNOMART_PUBLISHED is unset, and those that it named before."""
    folders = dict.fromkeys([settings.published_dir, None, *remembered(settings)])
    return [replace(settings, published_dir=folder) for folder in folders]


@contextmanager
def all_held(settings: Settings) -> Iterator[list[Settings]]:
    """All of them for a block, in which nobody publishes there.

    Raises HypnomartError that names a folder which cannot be reached: what lies there may name who
    is to be erased.
    """
    with ExitStack() as held:
        places = everywhere(settings)
        for place in sorted(places, key=_in_one_order):
            folder = place.published.parent
            if place.published_dir in remembered(settings):
                _refuse_unreachable(folder, settings)
            if folder.is_dir():
                held.enter_context(folder_lock(folder))
        yield places


def _in_one_order(place: Settings) -> str:
    """The same for all homes, or two would wait for each other."""
    return str(place.published.parent.resolve())


def kept_folder(settings: Settings) -> Path:
    """Where earlier publications lie."""
    return settings.published.parent / EARLIER


def list_of_folders(settings: Settings) -> Path:
    """Where home keeps the folders outside it that it published to, one a line."""
    return settings.home / "published_to"


def remembered(settings: Settings) -> list[Path]:
    """Those folders, in the order of their first publication."""
    try:
        text = os.fsdecode(list_of_folders(settings).read_bytes())
    except FileNotFoundError:
        return []
    return [Path(line) for line in text.split("\n") if line]


def remember(settings: Settings) -> None:
    """Keep the folder of the publication, if it is one outside home, before a file comes there."""
    folder, known, path = settings.published_dir, remembered(settings), list_of_folders(settings)
    if folder is None or folder in known:
        return
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.write_bytes(b"".join(os.fsencode(one) + b"\n" for one in (*known, folder)))
    synchronise(unfinished)
    unfinished.replace(path)
    synchronise(path.parent)


def _refuse_unreachable(folder: Path, settings: Settings) -> None:
    try:
        kept = folder / EARLIER
        found = [*folder.iterdir(), *(kept.iterdir() if kept.exists() else ())]
        if not any(one.suffix == ".duckdb" for one in found):  # as where a drive is not mounted
            raise FileNotFoundError(errno.ENOENT, "no publication is there")
    except OSError as error:
        raise HypnomartError(
            f"{folder}, where this home published, cannot be read ({error.strerror}), and may name "
            "who is to be erased. Bring it back and try again; if it is gone for good, delete its "
            f"line in {list_of_folders(settings)}. Nobody was erased."
        ) from error
