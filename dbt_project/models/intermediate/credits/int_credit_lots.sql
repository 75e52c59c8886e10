-- Counted packs as lots, in the order in which a user's bank use draws on them.
with receipts as (
    select * from {{ ref('int_receipts_judged') }}
    where verdict = 'counted' and product_kind = 'ai_credits'
),

price_book as (
    select
        product_key,
        cast(max(credits_amount) as bigint) as credits
    from {{ ref('int_price_book') }}
    where credits_amount > 0
    group by product_key
),

sized as (
    select
        receipts.receipt_id as lot_id,
        receipts.receipt_id,
        receipts.user_id,
        receipts.product_key,
        receipts.store,
        receipts.offer_id,
        receipts.transacted_at as purchased_at,
        receipts.created_at,
        receipts.transacted_at as available_at,
        receipts.refunded_at as revoked_at,
        coalesce(
            case when receipts.credits > 0 then receipts.credits end,
            price_book.credits,
            {{ credits_in_name('receipts.product_key') }},
            1
        ) as credits,
        coalesce(receipts.credits > 0, false) as is_credits_recorded,
        cast(receipts.paid_usd as decimal(18, 4)) as paid_usd
    from receipts
    left join price_book on receipts.product_key = price_book.product_key
),

final as (
    select
        *,
        row_number() over (
            partition by user_id order by available_at, created_at, lot_id
        ) as lot_number
    from sized
)

select * from final
