-- One row per row of the price book, its text normalised and its open ends closed.
with source as (
    select * from {{ ref('price_book') }}
),

final as (
    select
        {{ lowered('product_key') }} as product_key,
        coalesce({{ lowered('offer_id') }}, '') as offer_id,
        coalesce({{ lowered('store') }}, '') as store,
        coalesce(valid_from, date '0001-01-01') as valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to,
        price_usd,
        billing_months,
        credits_amount,
        coalesce(is_kept, false) as is_kept
    from source
    where {{ stripped('product_key') }} is not null
)

select * from final
