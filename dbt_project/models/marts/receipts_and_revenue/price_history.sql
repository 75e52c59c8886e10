with book as (
    select * from {{ ref('int_price_book') }}
),

final as (
    select
        product_key,
        coalesce(nullif(offer_id, ''), 'list') as offer_id,
        coalesce(nullif(store, ''), 'any') as store,
        valid_from as valid_from_date,
        nullif(valid_to, date '9999-12-31') as valid_to_date,
        cast(price_usd as decimal(18, 4)) as price_usd,
        is_kept
    from book
)

select * from final
