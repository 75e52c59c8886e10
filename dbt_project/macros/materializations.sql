{# dbt-duckdb builds a table under another name, renames two relations and drops one: seven queries
   and as many looks at its cache. DuckDB replaces a table or view at once, comments and all. #}
{% materialization table, adapter="duckdb" %}
    {%- set contract -%}
        {%- if config.get("contract").enforced -%}{{ get_assert_columns_equivalent(sql) }}{%- endif -%}
    {%- endset -%}
    {%- set columns = "*" -%}
    {%- if config.get("contract").enforced -%}
        {%- set columns = model["columns"].values() | map(attribute="name") | join(", ") -%}
    {%- endif -%}
    {{ return(replaced("table", "select " ~ columns ~ " from (\n" ~ sql ~ "\n)")) }}
{% endmaterialization %}

{% materialization view, adapter="duckdb" %}
    {{ return(replaced("view", sql)) }}
{% endmaterialization %}

{% macro replaced(kind, query) %}
    {%- set target = this.incorporate(type=kind) -%}
    {%- set existing = load_cached_relation(this) -%}
    {% call statement("main") %}
        {% if existing is not none and existing.type != kind %}
        drop {{ existing.type }} {{ existing }};
        {% endif %}
        create or replace {{ kind }} {{ target }} as (
            {{ query }}
        );
        {% if config.persist_relation_docs() and model.description %}
        comment on {{ kind }} {{ target }} is {{ duckdb_escape_comment(model.description) }};
        {% endif %}
        {% for column in model.columns.values() if config.persist_column_docs() %}
        comment on column {{ target }}.{{ column.name }}
        is {{ duckdb_escape_comment(column.description) }};
        {% endfor %}
    {% endcall %}
    {% do adapter.commit() %}
    {% do return({"relations": [target]}) %}
{% endmacro %}
