{# Weeks from one timestamp to a later one, to the nearest whole week, half a week upwards. #}
{% macro whole_weeks(start_at, end_at) -%}
{{ adapter.dispatch("whole_weeks")(start_at, end_at) }}
{%- endmacro %}

{% macro default__whole_weeks(start_at, end_at) -%}
cast(
    floor(
        extract(epoch from {{ end_at }} - {{ start_at }}) / cast(604800 as double precision) + 0.5
    ) as bigint
)
{%- endmacro %}

{% macro spark__whole_weeks(start_at, end_at) -%}
cast(floor((unix_timestamp({{ end_at }}) - unix_timestamp({{ start_at }})) / 604800 + 0.5) as bigint)
{%- endmacro %}
