"""Columns that the contract does not know and that may hold personal data."""

from __future__ import annotations

import re

from models.tables import Table
from pipelines.extract.source.catalogue import SourceColumn

# Words of a column's name that announce personal data. A column that the contract does not know
# and that bears one stays at home until somebody gives it a policy in models/tables.
PERSONAL_WORDS = re.compile(
    r"(^|[^a-z])(e?mail|phone|mobile|address|street|city|zip|postcode|iban|card|password|token"
    r"|secret|birth|birthday|birthdate|dob|ip|devices?|message|notes?|comments?|avatar|photo"
    r"|latitude|longitude|passport)([^a-z]|$)"
    r"|(^|_)((first|last|full|family|given|nick|user|display|middle)_?)name$"
)


def may_be_personal(table: Table, column: SourceColumn) -> bool:
    """Whether an unknown column could hold personal data, by its name or as a free document."""
    if PERSONAL_WORDS.search(column.name.lower()):
        return True
    has_personal = any(c.policy == "pii" for c in table.columns)
    return has_personal and column.kind in ("json", "jsonb", "bytea")
