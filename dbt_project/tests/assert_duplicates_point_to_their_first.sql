select
    receipts.receipt_id,
    receipts.verdict,
    receipts.duplicate_of,
    firsts.verdict as first_verdict
from {{ ref('fct_receipts') }} as receipts
left join {{ ref('fct_receipts') }} as firsts on receipts.duplicate_of = firsts.receipt_id
where
    (receipts.verdict in ('duplicate_token', 'duplicate_order', 'replayed'))
    <> (receipts.duplicate_of is not null)
    or (
        receipts.duplicate_of is not null
        and not coalesce(
            firsts.verdict in ('counted', 'unpriced', 'implausible', 'not_a_sale')
            and firsts.store = receipts.store
            and firsts.transacted_at <= receipts.transacted_at
            and (firsts.user_id <> receipts.user_id) = (receipts.verdict = 'replayed'), false
        )
    )
