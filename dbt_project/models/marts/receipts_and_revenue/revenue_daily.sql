with entries as (
    select
        *,
        cast(booked_at as date) as revenue_date
    from {{ ref('fct_revenue') }}
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
        revenue_date,
        product_kind,
        product_key,
        store,
        {{ typed_revenue_measures() }}
    from summed
)

select * from final
