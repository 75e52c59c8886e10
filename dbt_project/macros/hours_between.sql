{# Hours from one timestamp to another, with their fraction; below 0 if the second is earlier. #}
{% macro hours_between(start_at, end_at) -%}
{{ adapter.dispatch("hours_between")(start_at, end_at) }}
{%- endmacro %}

{% macro default__hours_between(start_at, end_at) -%}
cast(extract(epoch from {{ end_at }} - {{ start_at }}) as double precision) / 3600
{%- endmacro %}

{% macro spark__hours_between(start_at, end_at) -%}
cast(unix_micros({{ end_at }}) - unix_micros({{ start_at }}) as double) / 3600000000
{%- endmacro %}
