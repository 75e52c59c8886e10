with entries as (
    select
        *,
        cast(booked_at as date) as revenue_date
    from {{ ref('fct_revenue') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

summed as (
    select
        revenue_date,
        product_kind,
        product_key,
        store,
        {{ revenue_measures() }}
    from entries
    group by revenue_date, product_kind, product_key, store
),

final as (
    select
        summed.revenue_date,
        summed.product_kind,
        summed.product_key,
        summed.store,
        {{ typed_revenue_measures() }},
        {{ is_complete('summed.revenue_date', 'day') }} as is_complete
    from summed
    cross join clock
)

select * from final
