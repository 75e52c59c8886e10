"""What tells a mart from another model of the dbt project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MARTS = "marts"  # the folder of the models, their schema, and what keys of assets begin with


def is_mart(node: Mapping[str, Any]) -> bool:
    """Whether a node of dbt's manifest is a model below dbt_project/models/marts."""
    return bool(node["resource_type"] == "model" and node["fqn"][1] == MARTS)
