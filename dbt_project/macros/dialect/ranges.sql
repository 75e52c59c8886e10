{# A set-returning expression: every day from one date to another, both included, as DATE. #}
{% macro days_through(first_date, last_date) -%}
    {{- return(adapter.dispatch("dates_through", "hypnomart")(first_date, last_date, "day")) -}}
{%- endmacro %}

{# A set-returning expression: the first days of months from one to another, both included, as DATE. #}
{% macro months_through(first_month, last_month) -%}
    {{- return(adapter.dispatch("dates_through", "hypnomart")(first_month, last_month, "month")) -}}
{%- endmacro %}

{% macro default__dates_through(first_date, last_date, unit) -%}
    cast(unnest(generate_series(cast({{ first_date }} as date), cast({{ last_date }} as date), interval '1 {{ unit }}')) as date)
{%- endmacro %}

{% macro postgres__dates_through(first_date, last_date, unit) -%}
    cast(generate_series(
        cast(cast({{ first_date }} as date) as timestamp), cast(cast({{ last_date }} as date) as timestamp), interval '1 {{ unit }}'
    ) as date)
{%- endmacro %}

{# Spark would count downwards to a last one that comes before the first. #}
{% macro spark__dates_through(first_date, last_date, unit) -%}
    explode(case
        when cast({{ first_date }} as date) <= cast({{ last_date }} as date)
            then sequence(cast({{ first_date }} as date), cast({{ last_date }} as date), interval '1' {{ unit }})
    end)
{%- endmacro %}

{# A set-returning expression: every whole number from one to another, both included. #}
{% macro numbers_through(first_number, last_number) -%}
    {{- return(adapter.dispatch("numbers_through", "hypnomart")(first_number, last_number)) -}}
{%- endmacro %}

{% macro default__numbers_through(first_number, last_number) -%}
    unnest(generate_series(cast({{ first_number }} as bigint), cast({{ last_number }} as bigint)))
{%- endmacro %}

{% macro postgres__numbers_through(first_number, last_number) -%}
    generate_series(cast({{ first_number }} as bigint), cast({{ last_number }} as bigint))
{%- endmacro %}

{% macro spark__numbers_through(first_number, last_number) -%}
    explode(case
        when {{ first_number }} <= {{ last_number }}
            then sequence(cast({{ first_number }} as bigint), cast({{ last_number }} as bigint), cast(1 as bigint))
    end)
{%- endmacro %}
