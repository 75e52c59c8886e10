{#
    The row that says how many sales of users are doubtful and what they are worth, where both are enough
    to make the numbers themselves doubtful: no row otherwise. The condition is on fct_receipts as r.
#}
{% macro doubtful_share(is_doubtful) -%}
    count(*) filter (where {{ is_doubtful }}) as doubtful,
    count(*) as receipts,
    sum(coalesce(r.paid_usd, r.list_price_usd)) filter (where {{ is_doubtful }}) as doubtful_usd,
    sum(coalesce(r.paid_usd, r.list_price_usd)) as receipts_usd
{%- endmacro %}

{% macro is_too_large_a_share() -%}
    receipts >= {{ var('receipts_for_a_share') }}
    and (
        doubtful > receipts * {{ var('receipt_fault_share') }}
        or doubtful_usd > receipts_usd * {{ var('receipt_fault_share') }}
    )
{%- endmacro %}

{# A word of the source as staging reads it, or that there is none. #}
{% macro word_or_absent(expression) -%}
    coalesce({{ lowered(expression) }}, 'absent')
{%- endmacro %}

{# CTE body: what a credit usually costs, the middle price, since a single absurd amount must not weigh on all. #}
{% macro usual_credit_price() -%}
prices as (
    select quantile_disc(unit_price_usd, 0.5) as usual_price_usd from {{ ref('fct_credit_lots') }}
)
{%- endmacro %}
