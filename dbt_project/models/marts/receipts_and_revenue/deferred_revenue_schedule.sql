with released as (
    select * from {{ ref('deferred_revenue_by_attributes_monthly') }}
),

final as (
    select
        release_month,
        product_kind,
        product_key,
        store,
        cast(sum(release_usd) as decimal(18, 4)) as release_usd
    from released
    group by release_month, product_kind, product_key, store
    having sum(release_usd) <> 0
)

select * from final
