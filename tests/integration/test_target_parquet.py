"""What is published stands as Parquet with a manifest, and the DuckDB file can be made of it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pytest

from models.errors import BadConfiguration, HypnomartError, TargetUnavailable, WarehouseLocked
from pipelines.base.settings import Settings
from pipelines.publication.erasure.erase import sweep
from pipelines.publication.publish import published_run
from pipelines.publication.targets.fetched import fetch, unfinished
from pipelines.publication.targets.parquet import bring, brought_run
from pipelines.publication.targets.store import signed
from tests.target_sample import in_order, publish_all, publish_odd, synchronised
from tests.warehouse import settings_at

CANARY = "GPA.3344-5566-LEAVER"
KILL = """
import os, signal
from pipelines.base.settings import load_settings
from pipelines.publication.targets import parquet
from pipelines.publication.targets.store import Store
setattr(Store, {method!r}, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
parquet.bring(load_settings())
"""
EVERYTHING = """
    select schema_name, table_name, column_name, data_type, comment, column_index
    from duckdb_columns() where not internal
    union all select schema_name, table_name, '', 'table', comment, -1 from duckdb_tables()
    union all select schema_name, function_name, array_to_string(parameters, ','), 'macro', null, -2
        from duckdb_functions() where not internal
    order by all
"""


@pytest.fixture(params=["a folder", "a store"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """A mart of odd values is published; a folder gets it, or what fsspec asks as it asks S3."""
    if request.param == "a folder":
        yield publishing(tmp_path, str(tmp_path / "marts"))
        return
    yield publishing(tmp_path, "memory://bucket/marts")
    fsspec.filesystem("memory").rm("/bucket", recursive=True)


def publishing(tmp_path: Path, place: str) -> Settings:
    settings = settings_at(tmp_path, parquet=place)
    publish_odd(settings)
    return settings


def manifest_of(settings: Settings) -> dict[str, Any]:
    files, root = fsspec.core.url_to_fs(settings.parquet)
    found: dict[str, Any] = json.loads(files.cat_file(f"{root}/manifest.json"))
    return found


def files_of(settings: Settings) -> dict[str, bytes]:
    """Every file that stands there."""
    files, root = fsspec.core.url_to_fs(settings.parquet)
    files.invalidate_cache()
    return {path.removeprefix(root): files.cat_file(path) for path in files.find(root)}


def folders_of(settings: Settings) -> set[str]:
    return {path.strip("/").partition("/")[0] for path in files_of(settings)} - {"manifest.json"}


def words_of(settings: Settings, folder: Path) -> str:
    """What every Parquet file there holds."""
    folder.mkdir(exist_ok=True)
    rows = []
    for number, (name, content) in enumerate(files_of(settings).items()):
        if name.endswith(".parquet"):
            (folder / f"{number}.parquet").write_bytes(content)
            rows.append(duckdb.sql(f"from '{folder}/{number}.parquet'").fetchall())
    return str(rows)


def everything(path: Path) -> tuple[list[Any], dict[str, str]]:
    """Each table, column, type, comment and macro of a file, and each row."""
    with duckdb.connect(str(path), read_only=True) as con:
        said = con.execute(EVERYTHING).fetchall()
        tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        rows = {
            # Parquet's dictionary has one word for both zeros
            f"{schema}.{name}": str(
                in_order(con.execute(f'from {schema}."{name}"').fetchall())
            ).replace("-0.0,", "0.0,")
            for schema, name in tables
        }
    return said, rows


def test_the_file_made_of_it_is_the_published_one(settings: Settings, tmp_path: Path) -> None:
    brought = bring(settings)
    assert (brought.run_id, brought.tables, brought.rows, brought.note) == ("run-1", 5, 4, None)
    made = tmp_path / "made.duckdb"
    assert fetch(str(settings.parquet), made)["run_id"] == brought_run(settings) == "run-1"
    assert everything(made) == everything(settings.published)
    assert not list(tmp_path.glob(".made*"))


def test_every_mart_comes_back(tmp_path: Path) -> None:
    settings = settings_at(tmp_path, parquet=str(tmp_path / "marts"))
    marts = publish_all(settings)
    assert bring(settings).tables == len(marts) + 3
    fetch(str(settings.parquet), tmp_path / "made.duckdb")
    assert everything(tmp_path / "made.duckdb") == everything(settings.published)


def test_the_manifest_says_what_stands(settings: Settings) -> None:
    bring(settings)
    manifest = manifest_of(settings)
    assert (manifest["run_id"], manifest["erased"]) == ("run-1", 0)
    named = {f"/{file['path']}": file["bytes"] for t in manifest["tables"] for file in t["files"]}
    standing = files_of(settings)
    assert named == {
        name: len(content) for name, content in standing.items() if name != "/manifest.json"
    }
    (odd,) = [table for table in manifest["tables"] if table["name"] == "fct_odd"]
    assert odd["rows"] == 2 and odd["comment"].startswith("One row per oddity")
    assert {"name": "user_id", "kind": "UUID", "comment": None} in odd["columns"]


def test_a_publication_takes_the_place_of_the_one_before(settings: Settings) -> None:
    """Who is reading the one before goes on; the one before that goes."""
    seen = []
    for number in range(1, 4):
        publish_odd(
            settings, run_id=f"run-{number}", extra=f"update marts.fct_odd set text='{number}'"
        )
        bring(settings)
        seen.append(manifest_of(settings)["folder"])
        assert folders_of(settings) == set(seen[-2:])
    assert brought_run(settings) == "run-3"


def assert_who_was_erased_is_in_no_file(settings: Settings, folder: Path) -> None:
    """Bring somebody's order there, then what is published after the erasure."""
    publish_odd(settings, extra=f"update marts.fct_odd set text = '{CANARY}'")
    bring(settings)
    assert CANARY in words_of(settings, folder / "read")
    publish_odd(settings, run_id="run-2")
    with duckdb.connect(str(settings.published)) as con:
        con.execute("update meta.publication set erased = 1")
    bring(settings)
    assert CANARY not in words_of(settings, folder / "read again")


def test_who_was_erased_is_in_no_file(settings: Settings, tmp_path: Path) -> None:
    assert_who_was_erased_is_in_no_file(settings, tmp_path)
    assert len(folders_of(settings)) == 1


def killed(settings: Settings, *, at: str) -> None:
    """A publication that is killed where it would call a method of the store."""
    variables = {"HYPNOMART_HOME": str(settings.home), "HYPNOMART_PARQUET": str(settings.parquet)}
    script = KILL.format(method=at)
    done = subprocess.run([sys.executable, "-c", script], env={**os.environ, **variables})
    assert done.returncode == -signal.SIGKILL


def test_what_is_killed_leaves_the_one_before(tmp_path: Path) -> None:
    settings = publishing(tmp_path, str(tmp_path / "marts"))
    bring(settings)
    before = manifest_of(settings)
    publish_odd(settings, run_id="run-2")
    killed(settings, at="replace_manifest")
    assert manifest_of(settings) == before and len(folders_of(settings)) == 2
    fetch(str(settings.parquet), tmp_path / "made.duckdb")
    assert published_run(tmp_path / "made.duckdb") == "run-1"
    bring(settings)
    assert brought_run(settings) == "run-2"
    assert folders_of(settings) == {before["folder"], manifest_of(settings)["folder"]}


@pytest.mark.parametrize("clear", [bring, sweep], ids=["the next publication", "an erasure"])
def test_rows_on_their_way_when_it_was_killed_go(
    clear: Callable[[Settings], object], tmp_path: Path
) -> None:
    """They are of people, and lie in home."""
    settings = publishing(tmp_path, str(tmp_path / "marts"))
    killed(settings, at="put")
    assert list(settings.home.rglob("*.parquet"))
    clear(settings)
    assert not list(settings.home.rglob("*.parquet"))
    assert not list(settings.home.glob("*.tmp"))


def test_what_else_lies_there_stays(tmp_path: Path) -> None:
    """Also where its name begins as ours do."""
    place = tmp_path / "marts"
    theirs = [place / "publication-notes" / "a.txt", place / "publication-0123456789ab.csv"]
    for path in theirs:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    settings = publishing(tmp_path, str(place))
    for number in (1, 2, 3):
        publish_odd(settings, run_id=f"run-{number}")
        bring(settings)
    assert [path.read_text() for path in theirs] == ["mine", "mine"]


def test_readers_see_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    settings = publishing(tmp_path, str(tmp_path / "marts"))
    bring(settings)
    over, seen, faults = threading.Event(), set(), []

    def look() -> None:
        while not over.is_set():
            manifest = manifest_of(settings)
            try:
                (odd,) = [table for table in manifest["tables"] if table["name"] == "fct_odd"]
                paths = [f"{settings.parquet}/{file['path']}" for file in odd["files"]]
                found = duckdb.connect().execute(f"select text from read_parquet({paths})")
                seen.add((manifest["run_id"], found.fetchall()[0][0]))
            except Exception as error:
                faults.append(error)

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(2, 8):
        extra = f"update marts.fct_odd set text = 'run-{number}'"
        publish_odd(settings, run_id=f"run-{number}", extra=extra)
        bring(settings)
    over.set()
    reader.join()
    assert faults == [] and len(seen) > 1
    assert {text for run, text in seen if run != "run-1" and text != run} == set()


def test_what_somebody_wrote_to_is_told(settings: Settings, tmp_path: Path) -> None:
    bring(settings)
    files, root = fsspec.core.url_to_fs(settings.parquet)
    (odd,) = [table for table in manifest_of(settings)["tables"] if table["name"] == "fct_odd"]
    other = tmp_path / "other.parquet"
    path = f"{root}/{odd['files'][0]['path']}"
    files.get_file(path, str(tmp_path / "was.parquet"))
    duckdb.sql(f"copy (from '{tmp_path}/was.parquet' limit 1) to '{other}'")
    files.put_file(str(other), path)
    made = tmp_path / "made.duckdb"
    made.write_text("mine")
    with pytest.raises(HypnomartError, match=r"fct_odd in .* does not hold what was published"):
        fetch(str(settings.parquet), made)
    assert made.read_text() == "mine"


EDITED = "The manifest in .* is not what was published: "


@pytest.mark.parametrize(
    ("change", "told", "sign"),
    [
        (lambda m, odd: m.update(run_id="another"), EDITED, dict),
        (lambda m, odd: m["tables"].remove(odd), EDITED, dict),
        (lambda m, odd: odd.update(comment="another"), EDITED, dict),
        (lambda m, odd: odd.update(files=[]), "fct_odd has no files of ours in the", signed),
        (
            lambda m, odd: odd["files"][0].update(path="../other/data_0.parquet"),
            "fct_odd has no files of ours in the manifest",
            signed,
        ),
        (
            lambda m, odd: odd["columns"][0].update(kind="INTEGER); drop table x; --"),
            "fct_odd in .* has a column of no type",
            signed,
        ),
        (lambda m, odd: odd.update(word="other"), "does not hold what was published", signed),
        (lambda m, odd: m.pop("tables"), "manifest.json that is not of hypnomart's", signed),
    ],
    ids=["run", "a table", "a comment", "no files", "a path", "a type", "a word", "no tables"],
)
def test_a_manifest_that_was_edited_is_told(
    change: Callable[[dict[str, Any], dict[str, Any]], object],
    told: str,
    sign: Callable[[dict[str, Any]], dict[str, Any]],
    tmp_path: Path,
) -> None:
    """`sign`: how somebody who knows what we do would hide it."""
    settings = publishing(tmp_path, str(tmp_path / "marts"))
    bring(settings)
    manifest = manifest_of(settings)
    (odd,) = [table for table in manifest["tables"] if table["name"] == "fct_odd"]
    change(manifest, odd)
    (tmp_path / "marts" / "manifest.json").write_text(json.dumps(sign(manifest)))
    with pytest.raises(HypnomartError, match=told) as caught:
        fetch(str(settings.parquet), tmp_path / "made.duckdb")
    assert "\n" not in str(caught.value) and not list(tmp_path.glob("*made*"))


def test_a_file_that_is_gone_is_told_in_a_line(tmp_path: Path) -> None:
    settings = publishing(tmp_path, str(tmp_path / "marts"))
    bring(settings)
    (file,) = (tmp_path / "marts").glob("*/fct_odd/*.parquet")
    file.unlink()
    with pytest.raises(HypnomartError, match=r"fct_odd in .* cannot be read: ") as caught:
        fetch(str(settings.parquet), tmp_path / "made.duckdb")
    assert "\n" not in str(caught.value) and not (tmp_path / "made.duckdb").exists()


def test_a_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """As the file, not as the place that it is made of."""
    settings = publishing(tmp_path, str(tmp_path / "marts"))
    bring(settings)
    for file in (tmp_path / "gone" / "made.duckdb", tmp_path):
        with pytest.raises(BadConfiguration, match=f"^{file} cannot be written: .*; name another"):
            fetch(str(settings.parquet), file)


Call = Callable[..., tuple[int, str]]


def test_a_place_that_refuses_is_told(
    published_home: Settings, publish_by_command: Call, tmp_path: Path
) -> None:
    code, words = publish_by_command("spark")
    assert code == 2 and "HYPNOMART_PARQUET names no place; set it to a folder outside" in words
    for place, told in (
        ("/proc/marts", "/proc/marts refuses the marts: FileNotFoundError"),
        ("abfs://me:s3cret@box/marts", "abfs://me:***@box/marts refuses the marts: ImportError: "),
        ("abfs://box/marts", "Install adlfs"),
    ):
        code, words = publish_by_command("spark", HYPNOMART_PARQUET=place)
        assert code == 3 and told in words and "s3cret" not in words, words
    file = tmp_path / "file"
    file.write_text("somebody's")
    code, words = publish_by_command("spark", HYPNOMART_PARQUET=str(file))
    assert code == 3 and str(file) in words and file.read_text() == "somebody's"


def test_a_place_of_others_stays_as_it_is(settings: Settings, tmp_path: Path) -> None:
    bring(settings)
    before = files_of(settings)
    other = replace(settings_at(tmp_path / "other"), parquet=settings.parquet)
    publish_odd(other, run_id="theirs")
    with pytest.raises(BadConfiguration, match="run run-1, which this home never made"):
        bring(other)
    assert files_of(settings) == before
    files, root = fsspec.core.url_to_fs(settings.parquet)
    files.pipe_file(f"{root}/manifest.json", b'{"name": "a web app"}')
    with pytest.raises(BadConfiguration, match="is not of hypnomart's marts"):
        bring(settings)
    assert manifest_of(settings) == {"name": "a web app"}


def test_who_may_open_a_file_is_as_the_user_says(tmp_path: Path) -> None:
    """Not as of home, whose files are its owner's alone: a new one by the umask, another's place
    with its rights."""
    settings = publishing(tmp_path, str(tmp_path / "marts"))
    bring(settings)
    for umask, mode in (("022", 0o644), ("027", 0o640)):
        made = tmp_path / f"{umask}.duckdb"
        fetch_by_command(settings, made, umask=umask)
        assert stat.S_IMODE(made.stat().st_mode) == mode
    made.chmod(0o664)
    fetch_by_command(settings, made, umask="077")
    assert stat.S_IMODE(made.stat().st_mode) == 0o664


def fetch_by_command(settings: Settings, file: Path, *, umask: str) -> None:
    """`hypnomart fetch`, by a shell whose new files are as `umask` says."""
    program = Path(sys.executable).with_name("hypnomart")
    call = f'umask {umask}; "{program}" fetch "{file}" --from "{settings.parquet}"'
    subprocess.run(["sh", "-c", call], check=True, cwd=settings.home, capture_output=True)


def test_two_at_once_do_not_make_one_file_of_both(tmp_path: Path) -> None:
    settings = publishing(tmp_path, str(tmp_path / "marts"))
    bring(settings)
    made = tmp_path / "made.duckdb"
    made.write_text("mine")
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # as another one that is at work holds it
    unfinished(made).write_text("the other's")
    with pytest.raises(WarehouseLocked, match=f"makes a file in {tmp_path}; wait for it to end"):
        fetch(str(settings.parquet), made)
    assert made.read_text() == "mine" and unfinished(made).read_text() == "the other's"
    os.close(folder)
    fetch(str(settings.parquet), made)
    assert everything(made) == everything(settings.published) and not unfinished(made).exists()


def test_what_a_manifest_names_is_on_disk_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the power fails, no manifest names a file that is not there."""
    settings = publishing(tmp_path, str(tmp_path / "marts"))
    place = tmp_path / "marts"
    brought_to_disk, before = synchronised(monkeypatch), []
    move = Path.replace

    def replacing(path: Path, target: Path) -> Path:
        if target == place / "manifest.json":
            before.extend([*brought_to_disk, "moved"])
        return move(path, target)

    monkeypatch.setattr(Path, "replace", replacing)
    bring(settings)
    written = [*place.rglob("*")]
    assert len(written) > 10
    assert {path.stat().st_ino for path in written} <= {*before}
    assert before[-1] == "moved" and brought_to_disk[-1] == place.stat().st_ino


def test_where_nothing_stands_nothing_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="holds no publication; bring one there"):
        fetch(str(tmp_path / "empty"), tmp_path / "made.duckdb")
    with pytest.raises(TargetUnavailable, match="nowhere://x/y refuses the marts: ValueError"):
        fetch("nowhere://x/y", tmp_path / "made.duckdb")
    assert not list(tmp_path.iterdir()), "who reads makes no folder"


def test_the_rows_are_those_that_were_published(tmp_path: Path) -> None:
    """As any reader finds them: words for UUIDs, all digits of what is large."""
    settings = publishing(tmp_path, str(tmp_path / "marts"))
    bring(settings)
    (odd,) = [table for table in manifest_of(settings)["tables"] if table["name"] == "fct_odd"]
    file = f"'{settings.parquet}/{odd['files'][0]['path']}'"
    types = {name: kind for name, kind, *_ in duckdb.sql(f"describe from {file}").fetchall()}
    assert types["user_id"] == types["choice"] == "VARCHAR" and types["huge"] == "DECIMAL(38,0)"
    assert types["amount_usd"] == "DECIMAL(19,4)" and types["happened_at"] == "TIMESTAMP"
    words = "select columns(* exclude nothing)::varchar from"
    with duckdb.connect(str(settings.published), read_only=True) as con:
        wanted = con.execute(f"{words} fct_odd order by all").fetchall()
    assert duckdb.sql(f"{words} {file} order by all").fetchall() == wanted
