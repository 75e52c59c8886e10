"""Imports point one way, and what is said to happen in one place happens there."""

from __future__ import annotations

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from models.counting import counted
from models.tables import TABLES_BY_NAME
from tests.sql_style import FOLDERS
from tests.warehouse import parsed_project

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("models", "pipelines", "checks", "reports", "hypnomart")
TEMPLATES = sorted((PROJECT / "reports" / "templates").glob("*.html"))
NOUN_COUNTED = re.compile(r"""counted\([^\n]*?["']([a-z]+)["']\)""")
FILES = [path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    """First names of the modules that a file imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def relative(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_imports_point_one_way(path: Path) -> None:
    allowed = {
        "models": {"models"},
        "checks": {"models", "checks"},
        "reports": {"models", "reports"},
        "pipelines": {"models", "checks", "reports", "pipelines"},
        "hypnomart": {"models", "reports", "pipelines", "hypnomart"},
    }[relative(path).split("/")[0]]
    ours = imported(path) & {*PACKAGES, "tests"}
    assert ours <= allowed


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_only_pipelines_knows_dagster(path: Path) -> None:
    if not relative(path).startswith("pipelines/"):
        assert not {name for name in imported(path) if name.startswith("dagster")}


def test_only_settings_and_dagster_and_dbt_commands_touch_the_environment() -> None:
    readers = {relative(path) for path in FILES if "os.environ" in path.read_text(encoding="utf-8")}
    for_programs = {
        f"pipelines/{name}.py"
        for name in (
            "base/cluster",
            "base/environment",
            "orchestration/job",
            "orchestration/serve",
            "transform/dbt",
        )
    }
    for_programs.add("checks/expectations.py")  # switches telemetry off
    assert readers - for_programs == {"pipelines/base/settings.py"}


def test_rows_are_inserted_by_one_statement() -> None:
    """DuckDB's executemany is a transaction for each row: 0.6 s for the results of a run's checks,
    of 18 s that the run takes. models/inserting.py is there for it."""
    assert [relative(path) for path in FILES if ".executemany(" in path.read_text("utf-8")] == []


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_every_module_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))


def name_of(path: Path) -> str:
    """A module's dotted name."""
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def modules_imported(path: Path) -> set[str]:
    """The project's modules that a file imports, also inside functions; not where it is run by
    itself, nor for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unused = ("'__main__'", "TYPE_CHECKING")
    body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and any(word in ast.unparse(node.test) for word in unused))
    ]
    return imported_by(*body) - {name_of(path)}


def imported_by(*body: ast.AST) -> set[str]:
    """The project's modules that statements import."""
    names: set[str] = set()
    for node in (node for statement in body for node in ast.walk(statement)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= (inside & MODULES.keys()) or {node.module}
    return names & MODULES.keys()


def test_no_module_is_imported_by_what_it_imports() -> None:
    graph = {name: modules_imported(path) for name, path in MODULES.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the modules


def test_packages_of_pipelines_stand_on_five_levels() -> None:
    # as modules are loaded: commands load what they need once they run
    graph: dict[str, set[str]] = {}
    for name, path in MODULES.items():
        top = ast.Module(ast.parse(path.read_text(encoding="utf-8")).body, [])
        top.body = [node for node in top.body if isinstance(node, ast.ImportFrom)]
        if (own := package(name)) is not None:
            known = {package(one) for one in imported_by(top)}
            graph.setdefault(own, set()).update(one for one in known - {own} if one)
    assert {"base", "cli", "orchestration"} < graph.keys()
    levels: dict[str, int] = {}
    for one in TopologicalSorter(graph).static_order():  # raises CycleError
        levels[one] = 1 + max((levels[below] for below in graph[one]), default=0)
    assert max(levels.values()) <= 5, levels


def package(module: str) -> str | None:
    """The folder of pipelines/ that a module lies in."""
    parts = module.split(".")
    is_ours = parts[0] == "pipelines" and len(parts) > 1
    return parts[1] if is_ours and (PROJECT / "pipelines" / parts[1]).is_dir() else None


def test_extraction_has_three_layers() -> None:
    layers = {
        "source": {"source"},
        "state": {"source", "state"},
        "load": {"source", "state", "load"},
    }
    for path in FILES:
        name = name_of(path)
        if name.startswith("pipelines.extract.") and (own := name.split(".")[2]) in layers:
            known = {n.split(".")[2] for n in modules_imported(path) if ".extract." in n}
            assert known <= layers[own], name


SHORT = ("checks", "hypnomart", "models/simulation", "models/tables", "pipelines")


@pytest.mark.parametrize("folder", SHORT)
def test_what_is_read_first_stays_short(folder: str) -> None:
    lengths = {
        path: len(path.read_text().splitlines()) for path in (PROJECT / folder).rglob("*.py")
    }
    assert [relative(path) for path, lines in lengths.items() if lines > 200] == []


def test_a_mart_is_told_from_another_model_in_one_place() -> None:
    own = re.compile(r"""\["fqn"\]\[1\] [=!]= ['"]""")
    elsewhere = [relative(p) for p in FILES if own.search(p.read_text(encoding="utf-8"))]
    assert elsewhere == []


def test_each_seed_is_read_by_the_one_model_that_cleans_it() -> None:
    seeds = {path.stem for path in (PROJECT / "dbt_project" / "seeds").glob("*.csv")}
    readers: dict[str, set[str]] = {seed: set() for seed in seeds}
    for path in (PROJECT / "dbt_project").rglob("*.sql"):
        for name in re.findall(r"ref\(\s*['\"](\w+)['\"]\s*\)", path.read_text(encoding="utf-8")):
            if name in seeds and "target" not in path.parts:
                readers[name].add(path.stem)
    assert readers == {seed: {f"int_{seed}"} for seed in seeds}


def test_staging_reads_the_source_and_intermediate_models_what_lies_between() -> None:
    nodes = parsed_project()["nodes"]
    layer = {one: node["fqn"][1] for one, node in nodes.items() if one.startswith("model.")}
    sources = {one: node["source_name"] for one, node in parsed_project()["sources"].items()}
    below = {"staging": {"raw", "past", "history"}, "intermediate": {"staging", "meta"}}
    elsewhere = [
        f"{nodes[one]['name']} reads {parent}"
        for one, name in layer.items()
        for parent in nodes[one]["depends_on"]["nodes"]
        if name in below and not parent.startswith("seed.")
        if (layer | sources)[parent] not in below[name] | {name}
    ]
    assert elsewhere == []


def test_staging_alone_cleans_text_and_the_models_of_seeds() -> None:
    own = re.compile(r"\b[lr]?trim\(")
    cleans = re.compile(rf"{own.pattern}|\b(?:stripped|lowered|purchase_status)\(")
    project = PROJECT / "dbt_project"
    models, macros = project / "models", project / "macros"
    cleaners = {
        *(models / "staging").glob("*.sql"),
        *(models / "intermediate/prices").glob("*.sql"),
    }
    # These read the source beside staging, by the same words: a text is one thing to both.
    judges = {*(models / "quality").rglob("*.sql"), macros / "checks.sql"}
    others = {*models.rglob("*.sql"), *macros.glob("*.sql")} - cleaners - {macros / "text.sql"}
    assert len(cleaners) > 30
    found = [
        relative(path)
        for path in others
        if (own if path in judges else cleans).search(path.read_text("utf-8"))
    ]
    assert found == []


def test_each_operational_table_is_read_with_its_deleted_rows() -> None:
    """Who reads today's rows alone forgets: what stands is for the reader to choose."""
    staging = PROJECT / "dbt_project" / "models" / "staging"
    forgetful = [
        name
        for name, table in TABLES_BY_NAME.items()
        if table.has_history
        and f'last_known("{name}"' not in (staging / f"stg_{name}.sql").read_text()
    ]
    assert forgetful == []


def test_sqlfluff_reads_all_sql_but_macros() -> None:
    """A folder more would be left out: macros are no SQL before a model is rendered with them."""
    read = {path for folder in FOLDERS for path in (PROJECT / folder).rglob("*.sql")}
    macros = {*(PROJECT / "dbt_project" / "macros").rglob("*.sql")}
    packages = (*PACKAGES, "dbt_project/macros", "dbt_project/models", "dbt_project/tests")
    found = {path for package in packages for path in (PROJECT / package).rglob("*.sql")}
    assert sorted(found - read - macros) == []


def test_names_and_strings_are_quoted_in_one_module() -> None:
    doubled = re.compile(r"""replace\((?:'"', '""'|"'", "''")\)""")
    found = {relative(path) for path in FILES if doubled.search(path.read_text(encoding="utf-8"))}
    assert found == {"models/quoting.py"}


def test_a_number_before_a_noun_is_counted_so_that_one_is_no_plural() -> None:
    """What is counted somewhere is counted everywhere: `{n} rows` would say 1 rows."""
    texts = {relative(path): path.read_text(encoding="utf-8") for path in FILES}
    texts |= {relative(path): path.read_text(encoding="utf-8") for path in TEMPLATES}
    nouns = {noun for text in texts.values() for noun in NOUN_COUNTED.findall(text)}
    assert {"row", "check", "file", "table", "day"} <= nouns
    # neither a constant of ours, nor 1.0 days, nor SQL's values
    noun = "|".join(sorted(nouns))
    plain = re.compile(rf"(?!\{{[A-Z_:,]+\}})\{{[^{{}}]*(?<!\df)\}}+ (?!values \{{)(?:{noun})s\b")
    found = [
        f"{name}: {line.strip()}"
        for name, text in texts.items()
        for line in text.splitlines()
        if plain.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (2_000, "2,000 rows")]
)
def test_one_is_singular(number: int, said: str) -> None:
    assert counted(number, "row") == said
    assert counted(number, "model or test", many="models and tests").endswith("t") is (number == 1)
