{#
    What a fact carries of its user, as of its own time: columns of int_user_attributes, which the
    fact joins by `holds_at`. The first paid month is null until that month has come.
#}
{% macro user_dimensions(users, instant) -%}
    coalesce({{ users }}.country, 'unknown') as country,
    coalesce({{ users }}.lead_source, 'unknown') as lead_source,
    coalesce({{ users }}.cohort_code, 'unknown') as cohort_code,
    coalesce({{ users }}.acquisition, 'unknown') as acquisition,
    {{ users }}.signup_month,
    case
        when {{ users }}.first_paid_month <= {{ instant }} then {{ users }}.first_paid_month
    end as first_paid_month
{%- endmacro %}

{# The two months as text, made once per user: written anew for each row of a question they cost more than its sums. #}
{% macro user_cohorts(users, instant) -%}
    coalesce({{ users }}.signup_cohort, 'unknown') as signup_cohort,
    case
        when {{ users }}.first_paid_month <= {{ instant }} then {{ users }}.first_paid_cohort else 'none'
    end as first_paid_cohort
{%- endmacro %}
