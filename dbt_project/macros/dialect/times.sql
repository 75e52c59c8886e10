{# INTERVAL of so many days of 24 hours, their number an expression. #}
{% macro days_long(days) -%}
    {{- return(adapter.dispatch("days_long", "hypnomart")(days)) -}}
{%- endmacro %}

{% macro default__days_long(days) -%}
    to_days(cast({{ days }} as integer))
{%- endmacro %}

{% macro postgres__days_long(days) -%}
    make_interval(days => cast({{ days }} as integer))
{%- endmacro %}

{% macro spark__days_long(days) -%}
    make_dt_interval(cast({{ days }} as integer))
{%- endmacro %}

{# INTERVAL of so many months, their number an expression. #}
{% macro months_long(months) -%}
    {{- return(adapter.dispatch("months_long", "hypnomart")(months)) -}}
{%- endmacro %}

{% macro default__months_long(months) -%}
    to_months(cast({{ months }} as integer))
{%- endmacro %}

{% macro postgres__months_long(months) -%}
    make_interval(months => cast({{ months }} as integer))
{%- endmacro %}

{% macro spark__months_long(months) -%}
    make_ym_interval(0, cast({{ months }} as integer))
{%- endmacro %}

{# TIMESTAMP or DATE, the start of the unit that holds a date or timestamp: week, month, quarter, year. #}
{% macro start_of(unit, expression) -%}
    {{- return(adapter.dispatch("start_of", "hypnomart")(unit, expression)) -}}
{%- endmacro %}

{% macro default__start_of(unit, expression) -%}
    date_trunc('{{ unit }}', {{ expression }})
{%- endmacro %}

{# PostgreSQL takes a date for midnight in the session's zone. #}
{% macro postgres__start_of(unit, expression) -%}
    date_trunc('{{ unit }}', cast({{ expression }} as timestamp))
{%- endmacro %}

{# Times bear no zone; Spark truncates those of the session, which is in UTC. #}
{% macro spark__start_of(unit, expression) -%}
    cast(date_trunc('{{ unit }}', {{ expression }}) as timestamp_ntz)
{%- endmacro %}

{# DOUBLE, seconds since 1970. #}
{% macro epoch_seconds(expression) -%}
    {{- return(adapter.dispatch("epoch_seconds", "hypnomart")(expression)) -}}
{%- endmacro %}

{% macro default__epoch_seconds(expression) -%}
    epoch({{ expression }})
{%- endmacro %}

{% macro postgres__epoch_seconds(expression) -%}
    cast(extract(epoch from {{ expression }}) as double precision)
{%- endmacro %}

{% macro spark__epoch_seconds(expression) -%}
    (unix_micros(cast({{ expression }} as timestamp_ltz)) / 1e6)
{%- endmacro %}

{#
    TIMESTAMP of epoch milliseconds in text, null for anything else; 14 digits reach to 5138. Seconds
    come out as a day of January 1970, which the caller finds implausible.
#}
{% macro epoch_ms_at(expression) -%}
    {{- return(adapter.dispatch("epoch_ms_at", "hypnomart")(expression)) -}}
{%- endmacro %}

{% macro default__epoch_ms_at(expression) -%}
    epoch_ms(case when regexp_full_match({{ expression }}, '[0-9]{1,14}') then try_cast({{ expression }} as bigint) end)
{%- endmacro %}

{% macro postgres__epoch_ms_at(expression) -%}
    (
        timestamp '1970-01-01 00:00:00' + interval '1 millisecond'
        * case when {{ expression }} ~ '^[0-9]{1,14}$' then cast({{ expression }} as bigint) end
    )
{%- endmacro %}

{% macro spark__epoch_ms_at(expression) -%}
    cast(
        timestamp_millis(case when {{ expression }} rlike '^[0-9]{1,14}\\z' then cast({{ expression }} as bigint) end)
        as timestamp_ntz
    )
{%- endmacro %}

{# Text, the month of a date or timestamp as 2026-01. #}
{% macro month_name(expression) -%}
    {{- return(adapter.dispatch("month_name", "hypnomart")(expression)) -}}
{%- endmacro %}

{% macro default__month_name(expression) -%}
    strftime({{ expression }}, '%Y-%m')
{%- endmacro %}

{% macro postgres__month_name(expression) -%}
    to_char({{ expression }}, 'YYYY-MM')
{%- endmacro %}

{% macro spark__month_name(expression) -%}
    date_format({{ expression }}, 'yyyy-MM')
{%- endmacro %}

{# DOUBLE, seconds from one timestamp to another, to the microsecond; below 0 if the second is earlier. #}
{% macro elapsed_seconds(start_at, end_at) -%}
    {{- return(adapter.dispatch("elapsed_seconds", "hypnomart")(start_at, end_at)) -}}
{%- endmacro %}

{% macro default__elapsed_seconds(start_at, end_at) -%}
    cast(extract(epoch from {{ end_at }} - {{ start_at }}) as {{ type_double() }})
{%- endmacro %}

{% macro spark__elapsed_seconds(start_at, end_at) -%}
    (timestampdiff(microsecond, {{ start_at }}, {{ end_at }}) / 1e6)
{%- endmacro %}

{# Whole number, days from one date to another. #}
{% macro days_between(from_date, to_date) -%}
    {{- return(adapter.dispatch("days_between", "hypnomart")(from_date, to_date)) -}}
{%- endmacro %}

{% macro default__days_between(from_date, to_date) -%}
    {{ to_date }} - {{ from_date }}
{%- endmacro %}

{% macro spark__days_between(from_date, to_date) -%}
    datediff({{ to_date }}, {{ from_date }})
{%- endmacro %}

{# TIMESTAMP before every instant that a row may hold, years before Christ included. #}
{% macro beginning_of_time() -%}
    {{- return(adapter.dispatch("beginning_of_time", "hypnomart")()) -}}
{%- endmacro %}

{% macro default__beginning_of_time() -%} timestamp '-infinity' {%- endmacro %}

{% macro spark__beginning_of_time() -%} timestamp '-290000-01-01 00:00:00' {%- endmacro %}

{# TIMESTAMP after every instant that a row may hold, the year 10000 included. #}
{% macro end_of_time() -%}
    {{- return(adapter.dispatch("end_of_time", "hypnomart")()) -}}
{%- endmacro %}

{% macro default__end_of_time() -%} timestamp 'infinity' {%- endmacro %}

{% macro spark__end_of_time() -%} timestamp '+294247-01-01 00:00:00' {%- endmacro %}
