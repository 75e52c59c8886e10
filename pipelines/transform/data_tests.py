"""What a data test of dbt demands, in a sentence: its description, else what its kind says."""

from __future__ import annotations

from pipelines.transform.marts import Manifest


def demanded(test: Manifest) -> str:
    """The sentence of a data test's node. A test of no known kind goes by its name."""
    if described := " ".join(test["description"].split()):
        return str(described)
    kind, given = (test.get("test_metadata") or {}).get("name"), _given(test)
    column = test.get("column_name")
    match kind:
        case "unique":
            return f"No two rows have the same {column}."
        case "unique_combination":
            return f"No two rows have the same {_listed(given['columns'])}; none is null."
        case "not_null":
            return f"{column} is never null."
        case "columns_not_null":
            return f"{_listed(given['columns'])}: never null."
        case "accepted_values":
            return f"{column} is one of {', '.join(map(str, given['values']))}."
        case "relationships":
            other = given["to"].split("'")[1]
            return f"Each {column} is a {given['field']} of {other}."
    words = test["name"].removeprefix("assert_").replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}."


def _given(test: Manifest) -> Manifest:
    arguments: Manifest = (test.get("test_metadata") or {}).get("kwargs", {})
    return arguments


def _listed(columns: list[str]) -> str:
    *first, last = columns
    return f"{', '.join(first)} and {last}" if first else last
