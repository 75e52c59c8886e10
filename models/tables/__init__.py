"""The 21 operational tables: columns, keys, policies, and what may leave PostgreSQL."""

from models.tables.activity import ACTIVITY
from models.tables.content import CONTENT
from models.tables.contract import Column, Command, Derived, Mention, Table
from models.tables.courses import COURSES
from models.tables.credits import CREDITS
from models.tables.discounts import DISCOUNTS
from models.tables.people import PEOPLE
from models.tables.subscriptions import SUBSCRIPTIONS

TABLES: tuple[Table, ...] = tuple(
    sorted(
        (*PEOPLE, *SUBSCRIPTIONS, *CREDITS, *COURSES, *CONTENT, *DISCOUNTS, *ACTIVITY),
        key=lambda table: table.name,
    )
)
TABLES_BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}

__all__ = ["TABLES", "TABLES_BY_NAME", "Column", "Command", "Derived", "Mention", "Table"]
