{# DATE, the first day of the month of a date or timestamp. #}
{% macro month_start(expression) -%}
    cast({{ start_of('month', expression) }} as date)
{%- endmacro %}

{# TIMESTAMP, n months later at the same time of day; past a month's end its last day: 31 January + 1 = 28 February. #}
{% macro add_months(expression, months) -%}
    cast({{ expression }} + {{ months_long(months) }} as timestamp)
{%- endmacro %}

{# Whole months from the month of one date to the month of another. #}
{% macro months_between(from_date, to_date) -%}
    cast(
        12 * (extract(year from {{ to_date }}) - extract(year from {{ from_date }}))
        + extract(month from {{ to_date }}) - extract(month from {{ from_date }}) as bigint
    )
{%- endmacro %}

{# DATE, n days later. #}
{% macro add_days(expression, days) -%}
    cast(cast({{ expression }} as date) + cast({{ days }} as integer) as date)
{%- endmacro %}

{#
    The value that a dbt variable has on a day. The variable is one value, or a mapping of first days to
    values, {"2020-01-01": 0, "2026-07-01": 0.05}; before the first of these days its value holds too.
#}
{% macro setting_on(name, day) -%}
    {%- set setting = var(name) -%}
    {%- if setting is mapping -%}
        {%- set steps = setting | dictsort | reverse | list -%}
        case
            {%- for first_day, value in steps[:-1] %}
            when {{ day }} >= date '{{ first_day }}' then {{ setting_literal(value) }}
            {%- endfor %}
            else {{ setting_literal(steps[-1][1]) }}
        end
    {%- else -%}
        {{ setting_literal(setting) }}
    {%- endif -%}
{%- endmacro %}

{% macro setting_literal(value) -%}
    {%- if value is number -%}
        cast('{{ value }}' as decimal(20, 17))
    {%- else -%}
        cast('{{ value | string | replace("'", "''") }}' as {{ type_text() }})
    {%- endif -%}
{%- endmacro %}
