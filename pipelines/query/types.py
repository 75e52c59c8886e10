"""Which DuckDB type a value is cast to, so that what receives it keeps it exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.quoting import quoted

INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
            "UINTEGER", "UBIGINT", "UHUGEINT")  # fmt: skip
NUMBERS = (*INTEGERS, "FLOAT", "DOUBLE", "BIGNUM")
# Python: an interval would lose its months, an instant its nanoseconds or its infinity, a FLOAT
# would show digits that it never had; what is not named becomes text as DuckDB writes it.
CARRIED = {"BOOLEAN": "BOOLEAN", "DOUBLE": "DOUBLE", **{name: name for name in INTEGERS}}
# Parquet by way of Arrow: 128 bits would become a DOUBLE.
EXACT = CARRIED | {"FLOAT": "FLOAT", "DATE": "DATE", "TIMESTAMP": "TIMESTAMP",
                   "TIMESTAMP_NS": "TIMESTAMP_NS", "TIME": "TIME", "BLOB": "BLOB",
                   "TIMESTAMP WITH TIME ZONE": "TIMESTAMP WITH TIME ZONE",
                   "HUGEINT": "DECIMAL(38, 0)", "UHUGEINT": "VARCHAR"}  # fmt: skip


def is_number(name: str) -> bool:
    """Whether a type's values are numbers."""
    return name in NUMBERS or name.startswith("DECIMAL(")


def target_type(kind: Any, leaves: Mapping[str, str]) -> str:
    """The type to cast to: that of `leaves` for each leaf, VARCHAR for what is not among them."""
    name = str(kind)
    if kind.id == "decimal":
        return name
    if kind.id == "list":
        return f"{target_type(kind.children[0][1], leaves)}[]"
    if kind.id == "array":
        (_, child), (_, size) = kind.children
        return f"{target_type(child, leaves)}[{size}]"
    if kind.id == "struct":
        fields = (f"{quoted(field)} {target_type(child, leaves)}" for field, child in kind.children)
        return f"STRUCT({', '.join(fields)})"
    if kind.id == "map":
        return f"MAP(VARCHAR, {target_type(dict(kind.children)['value'], leaves)})"
    return leaves.get(name, "VARCHAR")
