-- One row per store of the seed: how long its renewals may be late, and what identifies a sale.
with source as (
    select * from {{ ref('stores') }}
),

final as (
    select
        {{ lowered('store') }} as store,
        coalesce(grace_days, {{ var('grace_days') }}) as grace_days,
        {{ lowered('sale_is') }} as sale_is
    from source
)

select * from final
