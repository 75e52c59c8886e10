"""Where a build in Spark lies: a folder, or a prefix of an object store that a cluster reads."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import fsspec
from fsspec.core import url_to_fs

from models.errors import BadConfiguration, HypnomartError, TargetUnavailable
from models.quoting import literal
from pipelines.base.delivery_settings import is_store, shown_store
from pipelines.base.private import PRIVATE
from pipelines.base.settings import Settings
from pipelines.publication.publications import is_known
from pipelines.publication.targets.owner import refuse_another_home
from pipelines.publication.targets.store import Store
from reports.deliver.run import reason

OWNER = "home.json"  # says whose build lies there, by the run that it is of
FILE_BYTES = "128MB"


@dataclass(frozen=True)
class SparkPlace:
    """`store`: as this machine reaches it."""

    store: Store

    def location(self, *names: str) -> str:
        """A folder there, as Spark names it."""
        path = self.store.path("/".join(names))
        return path if self.store.is_folder else f"s3a://{path}"

    def write(
        self, con: duckdb.DuckDBPyConnection, select: str, *, name: str, scratch: Path
    ) -> None:
        """The rows of a query, as the Parquet files of a folder there. `scratch`: where they lie
        before a store gets them."""
        made = Path(self.store.path(name)) if self.store.is_folder else scratch / "table"
        with self._asked():
            made.parent.mkdir(mode=PRIVATE, exist_ok=True)
        con.execute(
            f"copy ({select}) to {literal(str(made))} "
            f"(format parquet, compression zstd, file_size_bytes '{FILE_BYTES}')"
        )
        if not self.store.is_folder:
            for path in sorted(made.iterdir()):
                self.put(path, f"{name}/{path.name}")
            shutil.rmtree(made)

    def put(self, local: Path, name: str) -> None:
        """Bring a file there."""
        with self._asked():
            self.store.put(local, name)

    def remove(self, names: Sequence[str]) -> None:
        """Remove files and folders, whether they are there or not."""
        with self._asked():
            self.store.files.invalidate_cache()
            for name in names:
                with suppress(FileNotFoundError):
                    self.store.files.rm(self.store.path(name).rstrip("/"), recursive=True)
            if self.store.is_folder:
                with suppress(OSError):  # which holds something else
                    Path(self.store.root).rmdir()

    def rows(self, con: duckdb.DuckDBPyConnection, name: str) -> str:
        """DuckDB: the rows of a folder there. Raises HypnomartError where it holds none."""
        with self._asked():
            self.store.files.invalidate_cache()
            try:
                listed = self.store.files.ls(self.store.path(name), detail=False)
            except FileNotFoundError:
                listed = []
        files = sorted(path.rpartition("/")[2] for path in listed if path.endswith(".parquet"))
        if not files:
            raise HypnomartError(
                f"{self.store.path(name)} holds no Parquet files; run `hypnomart build --engine "
                "spark` again."
            )
        return self.store.in_duckdb(con, [f"{name}/{file}" for file in files])

    def begin(self, run_id: str, *, without: Sequence[str]) -> None:
        """Mark it as this home's, and remove folders that an earlier build left there."""
        with self._asked():
            if self.store.is_folder:
                Path(self.store.root).mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            owner = json.dumps({"run_id": run_id}).encode()
            self.store.files.pipe_file(self.store.path(OWNER), owner)
            self.remove(without)

    def refuse_another_home(self, settings: Settings) -> None:
        """Raise BadConfiguration where what lies there is another home's."""
        owner = self._owner()
        if owner:
            refuse_another_home(
                settings,
                owner,
                what=f"{self.store.place} holds what was built of",
                variable="HYPNOMART_SPARK_FOLDER",
            )

    def forget(self, settings: Settings) -> None:
        """Remove all that builds of this home left there."""
        owner = self._owner()
        if owner and is_known(settings, owner):
            self.remove([""])

    def _owner(self) -> str | None:
        with self._asked():
            self.store.files.invalidate_cache()
            try:
                said = json.loads(self.store.files.cat_file(self.store.path(OWNER)))
            except FileNotFoundError:
                return None
            except ValueError:
                said = None
        return str(said.get("run_id")) if isinstance(said, dict) else "of no name"

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Say in a sentence what keeps a block from the place."""
        with asked(self.store.place):
            yield


@contextmanager
def asked(place: str) -> Iterator[None]:
    """Raise in a sentence what keeps a block from a place: BadConfiguration of a folder,
    TargetUnavailable of a store."""
    try:
        yield
    except HypnomartError:
        raise
    except Exception as error:  # a store's driver raises what it likes
        if is_store(place):
            raise TargetUnavailable(
                f"{place} refuses a build's files: {reason(error)}; mend that, or name another "
                "place in HYPNOMART_SPARK_FOLDER."
            ) from error
        if not isinstance(error, OSError):
            raise
        raise BadConfiguration(
            f"{place} cannot be written to: {error.strerror}; give it back to its owner, or name "
            "another."
        ) from error


def spark_place(settings: Settings) -> SparkPlace:
    """Where Spark reads and writes. Raises TargetUnavailable where a store's driver is missing."""
    place = settings.spark_place
    if not is_store(place):
        return SparkPlace(Store(place, fsspec.filesystem("file"), place, is_folder=True))
    with asked(shown_store(place)):
        files, root = url_to_fs(place)
    return SparkPlace(Store(shown_store(place), files, root.rstrip("/"), is_folder=False))
