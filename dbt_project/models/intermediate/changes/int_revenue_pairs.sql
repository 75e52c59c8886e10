-- One row per month, product and store with charges in it or in the month before: both sums.
{%- set amounts = ["value_usd", "list_usd", "discount_usd"] %}
with clock as (
    select * from {{ ref('int_clock') }}
),

states as (
    select * from {{ ref('int_revenue_states') }}
),

summed as (
    select
        month,
        plan,
        store,
        min(product_kind) as product_kind,
        count(*) as charges,
        {%- for amount in amounts %}
            sum({{ amount }}) as {{ amount }}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from states
    group by month, plan, store
),

-- A month's charges close it and open the next.
sides as (
    select
        *,
        true as is_closing
    from summed
    union all
    select
        cast({{ add_months('month', 1) }} as date) as month,
        plan,
        store,
        product_kind,
        charges,
        value_usd,
        list_usd,
        discount_usd,
        false as is_closing
    from summed
),

paired as (
    select
        month,
        plan,
        store,
        min(product_kind) as product_kind,
        0 as entered_count,
        {%- for side in ["opening", "closing"] %}
            {%- set condition = "is_closing" if side == "closing" else "not is_closing" %}
            sum(case when {{ condition }} then charges else 0 end) as {{ side }}_count,
            {%- for amount in amounts %}
                sum(case when {{ condition }} then {{ amount }} else 0 end)
                    as {{ side }}_{{ amount }},
            {%- endfor %}
        {%- endfor %}
        {%- for amount in amounts %}
            0 as entered_{{ amount }}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from sides
    group by month, plan, store
),

final as (
    select paired.*
    from paired
    cross join clock
    where paired.month <= clock.as_of_month
)

select * from final
