"""Other programs' variables and other people's rights stay out."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import duckdb
import pytest

from models.errors import BadConfiguration
from models.quoting import literal
from pipelines.base.environment import isolate
from pipelines.base.hash_key import key_path, with_hash_key
from pipelines.base.known_settings import SETTINGS
from pipelines.base.private import private_home, shared_folder
from pipelines.base.settings import load_settings
from pipelines.extract.source.connection import extension_file
from pipelines.extract.state.working_file import open_beside
from pipelines.publication.targets.copies import opened
from reports.folders import as_its_folder, only_writer, sweep
from tests.warehouse import settings_at

PROJECT = Path(__file__).resolve().parents[2]
HOSTILE = {
    "DBT_TARGET": "prod",
    "DBT_EMPTY": "true",
    "DAGSTER_HOME": "/nowhere",
    "GX_HOME": "/nowhere",
    "PGHOST": "nowhere",
    "PGOPTIONS": "-c TimeZone=Asia/Tokyo",
    "DUCKDB_X": "1",
}
HARMLESS = {
    "PGPASSWORD": "s3cret",
    "PGSSLROOTCERT": "/ca.pem",
    "PYTHONUNBUFFERED": "1",
    "HYPNOMART_HOME": "/h",
    "HOME": "/root",
}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_variables_of_other_programs_are_cleared() -> None:
    before = os.umask(0o022)
    variables = HOSTILE | HARMLESS
    isolate(variables)
    assert variables == HARMLESS
    assert os.umask(before) == 0o077


def test_within_dagster_its_own_variables_stay() -> None:
    before = os.umask(0o022)
    variables = HOSTILE | HARMLESS
    isolate(variables, in_dagster=True)
    assert variables == HARMLESS | {"DAGSTER_HOME": "/nowhere"}
    os.umask(before)


@pytest.mark.parametrize(
    "name",
    ["PYTHONPATH", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONPYCACHEPREFIX", "PYTHONINSPECT"],
)
def test_a_variable_by_which_python_already_changed_is_refused(name: str) -> None:
    with pytest.raises(BadConfiguration, match=f"{name} is set.*env -u {name} hypnomart"):
        isolate({name: "1"})


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(BadConfiguration, match="HYPNOMART_HASHKEY; did you mean HYPNOMART_HASH_K"):
        load_settings({"HYPNOMART_HASHKEY": "k"})
    with pytest.raises(BadConfiguration, match="ZZZZ, which nothing reads"):
        load_settings({"HYPNOMART_ZZZZZZZZZZZZZ": "k"})


def test_what_only_a_build_at_a_server_sets_is_no_setting() -> None:
    """The project is parsed once for every home: names of another's schemas would stay in it."""
    with pytest.raises(BadConfiguration, match="HYPNOMART_SCHEMA_PREFIX"):
        load_settings({"HYPNOMART_SCHEMA_PREFIX": "other_"})


def test_every_setting_stands_in_the_example_file() -> None:
    text = (PROJECT / ".env.example").read_text("utf-8")
    assert {setting.name for setting in SETTINGS} == {
        line.removeprefix("# ").partition("=")[0]
        for line in text.splitlines()
        if line.startswith("# HYPNOMART_")
    }


@pytest.mark.parametrize(
    "variable",
    ["HYPNOMART_HOME", "HYPNOMART_REPORTS", "HYPNOMART_SEEDS", "HYPNOMART_PUBLISHED"],
)
@pytest.mark.parametrize(
    ("path", "told"),
    [("/a?b", "'?'"), ("/a#b", "'#'"), ("/a\nb", "'\\n'"), ("/a\x1b[31m", "'\\x1b'"),
     ("/a\udcff", "'\\udcff'"), ("/a\u202eb", "'\\u202e'")],
)  # fmt: skip
def test_a_path_that_a_library_would_misread_is_refused(
    variable: str, path: str, told: str
) -> None:
    with pytest.raises(BadConfiguration, match=f"{variable} names a folder") as caught:
        load_settings({variable: path})
    assert told in str(caught.value) and str(caught.value).isprintable()


def test_other_paths_are_taken_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / 'o\'d "q" 100% $HOME ${x} {{ y }} \\b ü日 [a]*;&=,@~:+(p)'
    folder.mkdir()
    settings = load_settings(
        dict.fromkeys(("HYPNOMART_HOME", "HYPNOMART_REPORTS", "HYPNOMART_SEEDS"), str(folder))
    )
    assert {settings.home, settings.reports_dir, settings.seeds_dir} == {folder}


def test_a_publication_for_others_lies_outside_home(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="inside home"):
        load_settings({"HYPNOMART_HOME": "/h", "HYPNOMART_PUBLISHED": "/h/published"})
    (tmp_path / "home").mkdir()
    (tmp_path / "link").symlink_to("home")
    for lake in (tmp_path / "link" / "lake", tmp_path / "x" / ".." / "home" / "lake"):
        with pytest.raises(BadConfiguration, match="inside home"):
            load_settings({"HYPNOMART_HOME": f"{tmp_path}/home", "HYPNOMART_LAKE": str(lake)})
    shared_folder(tmp_path / "srv" / "marts")
    assert mode(tmp_path / "srv") == mode(tmp_path / "srv" / "marts") == 0o755


def test_home_is_closed_to_others_with_what_it_holds(tmp_path: Path) -> None:
    home = tmp_path / "home"
    private_home(home)
    assert mode(home) == 0o700
    (home / "runs").mkdir()
    (home / "runs" / "a.json").touch()
    (home / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "outside").touch()
    for path in (home, home / "runs"):
        path.chmod(0o755)
    for path in (home / "runs" / "a.json", tmp_path / "outside"):
        path.chmod(0o644)
    private_home(home)
    assert (mode(home), mode(home / "runs"), mode(home / "runs" / "a.json")) == (
        0o700, 0o700, 0o600,
    )  # fmt: skip
    assert mode(tmp_path / "outside") == 0o644


def test_a_folder_of_everybody_s_is_no_home(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    with pytest.raises(BadConfiguration, match="everybody may write"):
        private_home(tmp_path)
    assert mode(tmp_path) == 0o1777


def test_a_hash_key_is_made_once_and_kept(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    first = with_hash_key(settings).hash_key
    assert len(first) == 64 and with_hash_key(settings).hash_key == first
    assert with_hash_key(settings_at(tmp_path / "other")).hash_key != first
    assert with_hash_key(settings_at(tmp_path, hash_key="given")).hash_key == "given"
    path = key_path(settings.home)
    assert mode(path) == 0o600 and [p.name for p in settings.home.iterdir()] == ["hash_key"]
    assert first not in repr(with_hash_key(settings))
    path.write_text("")
    with pytest.raises(BadConfiguration, match="holds no hash key"):
        with_hash_key(settings)


def test_what_a_killed_report_left_is_swept_and_a_day_comes_back(tmp_path: Path) -> None:
    for name in (".2026-10-31.new", ".2026-10-31.4711", ".2026-10-30.old.4711", "2026-10-31"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(name)
    (tmp_path / ".2026-10-31.old").mkdir()
    with only_writer(tmp_path):
        sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026-10-30", "2026-10-31"]
    assert (tmp_path / "2026-10-30" / "manifest.json").read_text() == ".2026-10-30.old.4711"


def test_reports_are_read_by_whom_their_folder_lets_in(tmp_path: Path) -> None:
    written = tmp_path / "new"
    (written / "csv").mkdir(parents=True)
    (written / "a.html").touch()
    for folder, file_mode, folder_mode in ((0o700, 0o600, 0o700), (0o750, 0o640, 0o750),
                                           (0o755, 0o644, 0o755)):  # fmt: skip
        tmp_path.chmod(folder)
        as_its_folder(tmp_path, written)
        assert (mode(written / "a.html"), mode(written / "csv")) == (file_mode, folder_mode)


@pytest.mark.parametrize("kind", ["source", "target"])
def test_a_secret_that_duckdb_keeps_for_its_user_leads_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """It gives what an address leaves out: here the port, and 10 is nobody's."""
    monkeypatch.setenv("HOME", str(tmp_path))
    load = f"load {literal(str(extension_file()))}"
    with duckdb.connect() as con:
        con.execute(load)
        con.execute("create persistent secret (type postgres, port 10, user 'other')")
    con = open_beside(tmp_path / "new") if kind == "source" else opened(settings_at(tmp_path))
    with con:
        con.execute(load)
        with pytest.raises(duckdb.IOException, match=r"PGSQL\.5432"):
            con.execute(f"attach 'host={tmp_path} dbname=shop' as shop (type postgres)")
