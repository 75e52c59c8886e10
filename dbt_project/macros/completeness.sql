{#
    The one meaning of is_complete and is_observed of a mart by day, week or month. `unit` is day, week
    or month; the query has int_clock as CTE `clock`.

    is_complete: by the rules known here nothing that belongs to the period is still due. That is so
    once the period is over, and, where renewals within grace or other windows still belong to it, once
    these have passed too. `waits_for_grace` says the first: the longest grace that a store grants; the
    caller adds other windows.
#}
{% macro is_complete(period_start, unit, waits_for_grace=false) -%}
    {%- set period_end = period_end_at(period_start, unit) -%}
    {%- if waits_for_grace -%}
        ({{ period_end }} < {{ grace_before('clock.as_of_at', 'clock.grace_days') }})
    {%- else -%}
        ({{ period_end }} <= clock.as_of_at)
    {%- endif -%}
{%- endmacro %}

{#
    is_observed, where figures are differences between extractions: false before the first extraction
    and in the period that holds it, since what happened before it is of unknown age.
#}
{% macro is_observed(period_start) -%}
    (cast({{ period_start }} as timestamp) > clock.first_extracted_at)
{%- endmacro %}

{# TIMESTAMP, the end of the day, week or month that begins with period_start; itself outside. #}
{% macro period_end_at(period_start, unit) -%}
    (cast({{ period_start }} as timestamp) + interval '1 {{ unit }}')
{%- endmacro %}
