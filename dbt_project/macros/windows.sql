{# TIMESTAMP, n days of 24 hours later. #}
{% macro days_later(expression, days) -%}
    ({{ expression }} + interval '{{ days }} days')
{%- endmacro %}

{# Whether something happened within so many days of a start, the start included. #}
{% macro within_days(happened_at, started_at, days) -%}
    {{ happened_at }} >= {{ started_at }}
    and {{ happened_at }} < {{ days_later(started_at, days) }}
{%- endmacro %}
