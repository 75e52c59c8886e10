-- One row per subscription product and offer of the price book, the offer empty for the product
-- itself: the months that one period lasts.
with book as (
    select * from {{ ref('int_price_book') }}
    where billing_months is not null
),

products as (
    select
        product_key,
        coalesce(
            max(case when offer_id = '' then billing_months end), max(billing_months)
        ) as billing_months
    from book
    group by product_key
),

offers as (
    select
        product_key,
        offer_id,
        max(billing_months) as billing_months
    from book
    where offer_id <> ''
    group by product_key, offer_id
),

final as (
    select
        product_key,
        '' as offer_id,
        billing_months
    from products
    union all
    select
        product_key,
        offer_id,
        billing_months
    from offers
)

select * from final
