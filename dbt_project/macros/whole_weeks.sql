{# Weeks from one timestamp to a later one, to the nearest whole week, half a week upwards. #}
{% macro whole_weeks(start_at, end_at) -%}
cast(floor({{ hours_between(start_at, end_at) }} / 168 + 0.5) as bigint)
{%- endmacro %}
