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
