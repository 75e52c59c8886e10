{# After `as` of a CTE: keep its rows instead of computing it anew for each use, where the engine can be told. #}
{% macro computed_once() -%}
    {{- return(adapter.dispatch("computed_once", "hypnomart")()) -}}
{%- endmacro %}

{% macro default__computed_once() -%} materialized {%- endmacro %}

{% macro spark__computed_once() -%} {%- endmacro %}

{#
    A CTE of rows that are computed once and read several times. `reading`: the CTEs made by this word that
    the query reads; besides them it reads tables alone.
#}
{% macro kept_rows(name, query, reading=[]) -%}
    {{- return(adapter.dispatch("kept_rows", "hypnomart")(name, query, reading)) -}}
{%- endmacro %}

{% macro default__kept_rows(name, query, reading) -%}
    {{ name }} as {{ computed_once() }} (
        {{ query }}
    )
{%- endmacro %}

{# Spark writes a CTE's query out for each reader: twenty that read the one before twice are a million. #}
{% macro spark__kept_rows(name, query, reading) -%}
    {%- set earlier = [] -%}
    {%- for one in reading %}{% do earlier.append(one ~ " as (select * from " ~ spark_kept(one) ~ ")") %}{% endfor -%}
    {%- do spark_keep(spark_kept(name), ("with " ~ earlier | join(", ") if earlier else "") ~ " " ~ query) -%}
    {{ name }} as (
        select * from {{ spark_kept(name) }}
    )
{%- endmacro %}

{#
    After `with recursive`, a CTE of the rows of `first` and, round by round, those that `step` makes of the
    round before, which it reads by the CTE's name, until a round has none. `given`: the CTEs that both read.
#}
{% macro rounds_of(name, given, first, step) -%}
    {{- return(adapter.dispatch("rounds_of", "hypnomart")(name, given, first, step)) -}}
{%- endmacro %}

{% macro default__rounds_of(name, given, first, step) -%}
    {{ given }},

    {{ name }} as (
        {{ first }}
        union all
        {{ step }}
    )
{%- endmacro %}

{# Spark's recursion knows no windows. #}
{% macro spark__rounds_of(name, given, first, step) -%}
    {%- set done = namespace(rounds=[], rows=1) -%}
    {%- for number in range(10000 if execute else 0) if done.rows -%}
        {%- set made = spark_kept(name ~ "_" ~ number) -%}
        {%- set before = ", " ~ name ~ " as (select * from " ~ done.rounds[-1] ~ ")" if number else "" -%}
        {%- do spark_keep(made, "with " ~ given ~ before ~ " " ~ (step if number else first)) -%}
        {%- set done.rows = run_query("select count(*) from " ~ made).rows[0][0] -%}
        {%- do done.rounds.append(made) -%}
    {%- endfor -%}
    {{ given }},

    {{ name }} as (
        {%- for made in done.rounds %}
        select * from {{ made }}
        {{ "union all" if not loop.last }}
        {%- else %}
        {{ first }}
        {%- endfor %}
    )
{%- endmacro %}

{# A table beside the model's, until the build is over: a cached view would keep the plan that made it. #}
{% macro spark_kept(name) -%}
    {{- return(model.schema ~ "." ~ model.name ~ "__" ~ name) -}}
{%- endmacro %}

{% macro spark_keep(table, query) -%}
    {%- if execute -%}
        {%- do run_query("create table " ~ table ~ " using parquet as " ~ query) -%}
    {%- endif -%}
{%- endmacro %}
