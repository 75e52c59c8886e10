"""The contract of the 21 tables on raw.*: columns, types, values that must be there."""

from __future__ import annotations

from checks.suites.rule import Rule, Suite
from models.tables import TABLES, Column, Table

# All 21 tables stand behind these rules; evidence and findings name the table.
ASSET = "raw/user_profile"
# What each type of the contract may arrive as; a wider integer is taken as it comes.
ARRIVES_AS = {
    "uuid": ("UUID",),
    "text": ("VARCHAR",),
    "integer": ("INTEGER", "BIGINT"),
    "boolean": ("BOOLEAN",),
    "timestamptz": ("TIMESTAMP",),
    "json": ("VARCHAR", "JSON"),
    "jsonb": ("VARCHAR", "JSON"),
    "numeric": ("DECIMAL(38,9)",),
}


def expected_columns() -> list[tuple[str, str, tuple[str, ...]]]:
    """(table, column of raw.*, types it may have) for everything that the contract lets in."""
    expected = []
    for table in TABLES:
        for column in table.columns:
            if column.policy == "keep":
                expected.append((table.name, column.name, _types(column.type)))
            elif column.policy == "secret":
                expected.append((table.name, f"{column.name}_hash", ("VARCHAR",)))
        expected += [(table.name, column.name, _types(column.type)) for column in table.derived]
    return expected


def columns_sql() -> str:
    """One row per contract column or personal column of raw.*, with what is wrong with it."""
    wanted = ", ".join(
        f"('{table}', '{column}', [{', '.join(repr(kind) for kind in kinds)}])"
        for table, column, kinds in expected_columns()
    )
    personal = ", ".join(
        f"('{table.name}', '{column.name}')"
        for table in TABLES
        for column in table.columns
        if column.policy != "keep"
    )
    return f"""
        with found as (
            select table_name, column_name, data_type from duckdb_columns()
            where schema_name = 'raw' and database_name = current_database()
        ),
        wanted as (from (values {wanted}) as w (table_name, column_name, types)),
        forbidden as (from (values {personal}) as p (table_name, column_name))
        select
            table_name as source_table, column_name,
            case
                when data_type is null then 'missing'
                when not list_contains(types, data_type) then 'of another type'
                else 'as agreed'
            end as state
        from wanted left join found using (table_name, column_name)
        union all
        select table_name, column_name, 'personal'
        from forbidden inner join found using (table_name, column_name)
    """


def rows_sql() -> str:
    """One row per raw row: the names of required columns that are null, and what was unreadable."""
    return "\nunion all\n".join(_table_sql(table) for table in TABLES)


def _table_sql(table: Table) -> str:
    required = [column.name for column in table.columns if _is_required(column)]
    missing = ", ".join(f"if(t.{name} is null, '{name}', null)" for name in required)
    user, join = "cast(null as uuid)", ""
    if table.name == "custom_course_purchases":
        user, join = "c.user_id", "left join raw.custom_courses c on c.id = t.course_id"
    elif any(column.name == "user_id" for column in table.columns):
        user = "t.user_id"
    return f"""
        select
            '{table.name}' as source_table, t.{table.key[0]} as source_id, {user} as user_id,
            nullif(concat_ws(', ', {missing}), '') as missing_values,
            t._unreadable as unreadable_values
        from raw.{table.name} t {join}
    """


def _types(contract_type: str) -> tuple[str, ...]:
    return ARRIVES_AS[contract_type.split("(")[0]]


def _is_required(column: Column) -> bool:
    return not column.is_nullable and column.policy == "keep"


SUITE = Suite(
    "border",
    "quality",
    (
        Rule(
            "contract_columns",
            "contract_columns",
            "state",
            ASSET,
            "A column of raw.* is not what the contract says",
            "every column of the contract is there, of its type, and no personal one",
            known=("as agreed",),
            severity="error",
        ),
        Rule(
            "required_values",
            "border_rows",
            "missing_values",
            ASSET,
            "The row lacks values that the contract requires",
            "every row has the values that the contract requires",
            is_null=True,
            shows_value=True,
            cause="server writes a wrong value",
        ),
        Rule(
            "readable_values",
            "border_rows",
            "unreadable_values",
            ASSET,
            "Values that no warehouse type can hold were taken as empty",
            "every value can be held by its column",
            is_null=True,
            shows_value=True,
            cause="server writes a wrong value",
        ),
    ),
)
