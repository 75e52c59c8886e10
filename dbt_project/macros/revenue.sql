{# The measures of a set of rows of fct_revenue, the same at every grain. #}
{% macro revenue_measures() -%}
    sum(case when entry_type = 'charge' then 1 else 0 end) as charges,
    sum(case when entry_type = 'refund' then 1 else 0 end) as refunds,
    sum(case when entry_type = 'refund_reversal' then 1 else 0 end) as refund_reversals,
    count(distinct case when entry_type = 'charge' and gross_usd > 0 then user_id end) as paying_users,
    sum(case when entry_type = 'charge' then gross_usd else 0 end) as gross_usd,
    sum(case when entry_type <> 'charge' then gross_usd else 0 end) as refunds_usd,
    sum(gross_usd) as net_usd,
    sum(discount_usd) as discount_usd,
    sum(tax_usd) as tax_usd,
    sum(store_fee_usd) as store_fees_usd,
    sum(proceeds_usd) as proceeds_usd
{%- endmacro %}

{# Those measures in the types of the contract. #}
{% macro typed_revenue_measures() -%}
    {%- for count in ["charges", "refunds", "refund_reversals", "paying_users"] %}
        cast({{ count }} as bigint) as {{ count }},
    {%- endfor %}
    {%- for amount in ["gross", "refunds", "net", "discount", "tax", "store_fees", "proceeds"] %}
        cast({{ amount }}_usd as decimal(18, 4)) as {{ amount }}_usd{% if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#
    DECIMAL(18,4), what of a row of int_revenue_schedules has accrued by the end of a day, a refund
    left aside: nothing before it is booked, all of it once cut short or where no service follows.
#}
{% macro accrued_usd(schedules, closing_date) -%}
    case
        when {{ schedules }}.booked_date > {{ closing_date }} then cast(0 as decimal(18, 4))
        when {{ schedules }}.cut_date <= {{ closing_date }} or {{ schedules }}.span_days = 0
            then {{ schedules }}.gross_usd
        else {{ usd_share(
            schedules ~ ".gross_usd",
            "least(greatest(" ~ days_between(schedules ~ ".start_date", closing_date) ~ " + 1, 0), " ~ schedules ~ ".span_days)",
            schedules ~ ".span_days"
        ) }}
    end
{%- endmacro %}
