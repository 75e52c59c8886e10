"""Who may open the files: home is its owner's alone, the publication may be everybody's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from models.errors import BadConfiguration

PRIVATE, SHARED, SHARED_FILE = 0o700, 0o755, 0o644
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def private_home(home: Path) -> None:
    """Create home, or close one to others that an earlier version left open, with its files.

    Raises BadConfiguration for a folder that everybody may write to, such as /tmp: it is shared.
    """
    home.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    mode = home.stat().st_mode
    if mode & stat.S_IWOTH:
        raise BadConfiguration(
            f"HYPNOMART_HOME is {home}, which everybody may write to; name a folder of its own."
        )
    if mode & OTHERS:
        _close(home)


def shared_folder(folder: Path) -> None:
    """Create a folder that others may read, whatever the umask."""
    for path in (*reversed(folder.parents), folder):
        if not path.exists():
            path.mkdir(exist_ok=True)
            path.chmod(SHARED)


def _close(home: Path) -> None:
    """Take the rights of others from home and all below; the server's own folder is closed."""
    home.chmod(PRIVATE)
    for folder, folders, files in os.walk(home):
        if Path(folder) == home and "postgres" in folders:
            folders.remove("postgres")
        for name in (*folders, *files):
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)
