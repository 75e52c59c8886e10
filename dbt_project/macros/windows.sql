{# TIMESTAMP, n days of 24 hours later. #}
{% macro days_later(expression, days) -%}
    ({{ expression }} + interval '{{ days }} days')
{%- endmacro %}
