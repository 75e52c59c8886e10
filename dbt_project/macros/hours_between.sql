{# Hours from one timestamp to another, with their fraction; below 0 if the second is earlier. #}
{% macro hours_between(start_at, end_at) -%}
{{ elapsed_seconds(start_at, end_at) }} / 3600
{%- endmacro %}
