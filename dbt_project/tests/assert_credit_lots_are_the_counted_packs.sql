with packs as (
    select * from {{ ref('fct_receipts') }}
    where verdict = 'counted' and product_kind = 'ai_credits'
)

select
    lots.lot_id,
    packs.receipt_id
from {{ ref('fct_credit_lots') }} as lots
full outer join packs on lots.receipt_id = packs.receipt_id
where
    lots.lot_id is null
    or packs.receipt_id is null
    or lots.user_id <> packs.user_id
    or lots.paid_usd <> packs.paid_usd
    or lots.is_refunded <> (packs.refunded_at is not null)
    or abs(lots.unit_price_usd * lots.credits - packs.paid_usd) > 0.000000005 * lots.credits
