{#
    PostgreSQL: a table of the contract's columns in its types, a sum or a coalesce having lost its digits there,
    with what the planner needs to know of the rows. dbt's own macro asks the server for types by DuckDB's names.
#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    create {{ "temporary " if temporary }}table {{ relation }} as (
        select
            {%- for column in (model.columns.values() if config.get("contract").enforced else []) %}
            cast({{ adapter.quote(column.name) }} as {{ postgres_type(column.data_type) }}) as {{ adapter.quote(column.name) }}
            {{- "," if not loop.last }}
            {%- else %} *
            {%- endfor %}
        from (
            {{ sql }}
        ) as made
    );
    analyze {{ relation }}
{%- endmacro %}

{# PostgreSQL's word for a type of a contract. #}
{% macro postgres_type(name) -%}
    {{- {"double": postgres__type_double()}.get(name, name) -}}
{%- endmacro %}

{# Spark: a table of Parquet files, of the contract's columns in its types. #}
{% macro spark__create_table_as(temporary, relation, compiled_code, language="sql") -%}
    create table {{ relation }} using parquet as
    select
        {%- for column in (model.columns.values() if config.get("contract").enforced else []) %}
        cast({{ adapter.quote(column.name) }} as {{ spark_type(column.data_type) }}) as {{ adapter.quote(column.name) }}
        {{- "," if not loop.last }}
        {%- else %} *
        {%- endfor %}
    from (
        {{ compiled_code }}
    ) as made
{%- endmacro %}

{% macro spark__create_view_as(relation, sql) -%}
    create view {{ relation }} as
    {{ sql }}
{%- endmacro %}

{# Comments go with the published file; Spark's catalog ends with the session. #}
{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%} {%- endmacro %}

{# Spark's word for a type of a contract. #}
{% macro spark_type(name) -%}
    {{- {"varchar": spark__type_text(), "uuid": spark__type_uuid(), "timestamp": "timestamp_ntz"}.get(name, name) -}}
{%- endmacro %}
