{# Hours from one timestamp to another, with their fraction; below 0 if the second is earlier. #}
{% macro hours_between(start_at, end_at) -%}
cast(extract(epoch from {{ end_at }} - {{ start_at }}) as {{ type_double() }}) / 3600
{%- endmacro %}
