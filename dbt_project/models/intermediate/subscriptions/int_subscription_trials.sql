-- One row per opening whose offer the price book gives away on its day; is_repeated where a renewal
-- names the offer once more: a trial phase comes once, so that is a charge at list price.
with openings as (
    select * from {{ ref('int_subscription_openings') }}
),

ranked as (
    select
        openings.subscription_event_id,
        openings.user_id,
        openings.purchase_number,
        openings.purchase_step,
        openings.event_type,
        openings.offer_id,
        book.price_usd,
        row_number() over (
            partition by openings.subscription_event_id
            order by book.store desc nulls last, book.valid_from desc nulls last, book.price_usd asc
        ) as preference
    from openings
    inner join {{ ref('int_price_book') }} as book
        on
            openings.product_key = book.product_key
            and coalesce(openings.offer_id, '') = book.offer_id
    where
        book.store in (openings.store, '')
        and cast(openings.created_at as date) >= book.valid_from
        and cast(openings.created_at as date) < book.valid_to
),

final as (
    select
        subscription_event_id,
        offer_id is not null
        and event_type = 'renewed'
        and purchase_step > min(purchase_step) over (
            partition by user_id, purchase_number, offer_id
        ) as is_repeated
    from ranked
    where preference = 1 and price_usd = 0
)

select * from final
