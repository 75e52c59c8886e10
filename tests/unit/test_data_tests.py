"""Each kind of data test says in a sentence what it demands."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.publication.results import about
from pipelines.transform.data_tests import demanded
from tests.warehouse import parsed_project


def data_test(kind: str, column: str | None = None, **given: Any) -> dict[str, Any]:
    """A generic test's node."""
    meta = {"name": kind, "kwargs": given}
    return {"name": f"{kind}_x", "description": "", "column_name": column, "test_metadata": meta}


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        (data_test("unique", "lot_id"), "No two rows have the same lot_id."),
        (
            data_test("unique_combination", columns=["month", "plan"]),
            "No two rows have the same month and plan; none is null.",
        ),
        (data_test("columns_not_null", columns=["a", "b", "c"]), "a, b and c: never null."),
        (data_test("accepted_values", "kind", values=["a", True]), "kind is one of a, True."),
        (
            data_test("relationships", "first_id", to="ref('fct_receipts')", field="receipt_id"),
            "Each first_id is a receipt_id of fct_receipts.",
        ),
        (
            data_test("expression_is_true", expression="a > 0") | {"name": "gains_are_positive"},
            "Gains are positive.",
        ),
        ({"name": "assert_days_are_in_a_row", "description": ""}, "Days are in a row."),
        ({"name": "assert_x", "description": "What  is\nsaid."}, "What is said."),
    ],
)
def test_a_data_test_says_what_it_demands(test: dict[str, Any], sentence: str) -> None:
    assert demanded(test) == sentence


def test_every_kind_of_the_project_has_a_sentence_of_its_own() -> None:
    tests = [n for n in parsed_project()["nodes"].values() if n["resource_type"] == "test"]
    generic = [test for test in tests if test.get("test_metadata") and not test["description"]]
    by_name = [test["name"] for test in generic if demanded(test)[:-1].replace(" ", "_") ==
               test["name"][:1].upper() + test["name"][1:]]  # fmt: skip
    formulas = {test["name"] for test in generic if "expression" in _arguments(test)}
    assert len(generic) > 300 and {*by_name} == formulas


def test_a_formula_is_named_by_a_sentence_of_what_it_means() -> None:
    tests = [n for n in parsed_project()["nodes"].values() if n["resource_type"] == "test"]
    named = [test["name"] for test in tests if "expression" in _arguments(test)]
    assert len(named) > 50 and [n for n in named if n.startswith("expression") or "__" in n] == []


def _arguments(test: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = (test.get("test_metadata") or {}).get("kwargs", {})
    return given


def test_every_test_of_a_file_of_its_own_is_described() -> None:
    tests = [n for n in parsed_project()["nodes"].values() if n["resource_type"] == "test"]
    of_files = [test for test in tests if not test.get("test_metadata")]
    assert len(of_files) > 30
    assert [test["name"] for test in of_files if not test["description"]] == []


def test_a_test_that_reads_a_mart_is_about_a_mart() -> None:
    """Whatever else it reads, such as the clock, and in whatever order."""
    nodes = parsed_project()["nodes"]
    read = {
        node["name"]: {nodes[id]["fqn"][1] for id in node["depends_on"]["nodes"] if id in nodes}
        for node in nodes.values()
        if node["resource_type"] == "test" and not node.get("attached_node")
    }
    assets = {
        node["name"]: about(parsed_project(), node)[0]
        for node in nodes.values()
        if node["name"] in read
    }
    of_marts = {name for name, layers in read.items() if "marts" in layers}
    assert len(of_marts) > 10
    assert [name for name in of_marts if not assets[name].startswith("marts/")] == []
    assert assets["assert_trials_roll_forward"] == "marts/trial_movements_daily"
