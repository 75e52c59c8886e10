{%- set dimensions = segment_dimensions() -%}
with clock as (
    select * from {{ ref('int_clock') }}
),

subscribers as (
    select
        *,
        1 as customers
    from {{ ref('int_subscription_state_months') }}
),

-- A combination that empties has one row of 0, so that the last row of any set of them within a
-- year is its closing.
followed as (
    select
        month,
        state,
        {{ dimensions | join(", ") }},
        mrr_usd,
        customers
    from subscribers
    union all
    select
        cast({{ add_months('subscribers.month', 1) }} as date) as month,
        subscribers.state,
        {%- for name in dimensions %}
            subscribers.{{ name }},
        {%- endfor %}
        0 as mrr_usd,
        0 as customers
    from subscribers
    cross join clock
    where subscribers.month < clock.as_of_month
),

summed as (
    select
        month,
        state,
        {{ dimensions | join(", ") }},
        sum(customers) as customers,
        sum(mrr_usd) as mrr_usd
    from followed
    group by month, state, {{ dimensions | join(", ") }}
),

final as (
    select
        summed.month,
        summed.state,
        {%- for name in dimensions %}
            summed.{{ name }},
        {%- endfor %}
        cast(summed.customers as bigint) as customers,
        cast(summed.mrr_usd as decimal(18, 4)) as mrr_usd,
        {{ is_complete('summed.month', 'month', waits_for_grace=true) }} as is_complete
    from summed
    cross join clock
    order by summed.month, summed.state, {{ dimensions | join(", ") }}
)

select * from final
