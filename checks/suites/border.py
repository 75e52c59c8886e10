"""The contract of the 21 tables on raw.*: columns, types, values that must be there."""

from __future__ import annotations

from checks.suites.rule import Rule, Suite
from models.tables import TABLES, Column, Table

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


def table_sql(table: Table) -> str:
    """The rows of a table with the names of required columns that are null, and what was
    unreadable."""
    required = [c.name for c in table.columns if _is_required(c)]
    missing = ", ".join(f"if(t.{name} is null, '{name}', null)" for name in required)
    key = table.key[0]
    user, join = "cast(null as uuid)", ""
    if table.name == "custom_course_purchases":
        user = "c.user_id"
        join = "left join raw.custom_courses c on c.id = t.course_id"
    elif any(column.name == "user_id" for column in table.columns):
        user = "t.user_id"
    return f"""
        select
            '{table.name}' as source_table, t.{key} as source_id, {user} as user_id,
            nullif(concat_ws(', ', {missing}), '') as missing_values,
            t._unreadable as unreadable_values
        from raw.{table.name} t {join}
    """


def _types(contract_type: str) -> tuple[str, ...]:
    return ARRIVES_AS[contract_type.split("(")[0]]


def _is_required(column: Column) -> bool:
    return not column.is_nullable and column.policy == "keep"


def _rules(table: Table) -> tuple[Rule, Rule]:
    relation, asset = f"{table.name}_rows", f"raw/{table.name}"
    return (
        Rule(
            f"{table.name}_required_values",
            relation,
            "missing_values",
            asset,
            "The row lacks values that the contract requires",
            is_null=True,
            shows_value=True,
        ),
        Rule(
            f"{table.name}_readable_values",
            relation,
            "unreadable_values",
            asset,
            "Values that no warehouse type can hold were taken as empty",
            is_null=True,
            shows_value=True,
        ),
    )


COLUMNS = Rule(
    "contract_columns",
    "contract_columns",
    "state",
    "raw/user_profile",
    "A column of raw.* is not what the contract says",
    known=("as agreed",),
    severity="error",
)
SUITE = Suite("border", "quality", (COLUMNS, *(rule for table in TABLES for rule in _rules(table))))
