{# After `as` of a CTE: keep its rows instead of computing it anew for each use, where the engine can be told. #}
{% macro computed_once() -%}
    {{- return(adapter.dispatch("computed_once", "hypnomart")()) -}}
{%- endmacro %}

{% macro default__computed_once() -%} materialized {%- endmacro %}
