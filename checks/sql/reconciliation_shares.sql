-- name: share_of_unpriced_receipts
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- severity: error
-- expects: few receipts lack a price, and they are little of the money
select
    count(*) filter (where r.verdict = 'unpriced') as doubtful,
    count(*) as receipts,
    sum(coalesce(r.paid_usd, r.list_price_usd)) filter (
        where r.verdict = 'unpriced'
    ) as doubtful_usd,
    sum(coalesce(r.paid_usd, r.list_price_usd)) as receipts_usd
from marts.fct_receipts r
where r.verdict not in ('not_a_sale', 'test', 'future')
having
    receipts >= getvariable('receipts_for_a_share')
    and (
        doubtful > receipts * getvariable('receipt_fault_share')
        or doubtful_usd > receipts_usd * getvariable('receipt_fault_share')
    )

-- name: share_of_repeated_receipts
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- severity: error
-- expects: few receipts repeat another, and they are little of the money
select
    count(*) filter (
        where r.verdict in ('duplicate_token', 'duplicate_order', 'replayed')
    ) as doubtful,
    count(*) as receipts,
    sum(coalesce(r.paid_usd, r.list_price_usd)) filter (
        where r.verdict in ('duplicate_token', 'duplicate_order', 'replayed')
    ) as doubtful_usd,
    sum(coalesce(r.paid_usd, r.list_price_usd)) as receipts_usd
from marts.fct_receipts r
where r.verdict not in ('not_a_sale', 'test', 'future')
having
    receipts >= getvariable('receipts_for_a_share')
    and (
        doubtful > receipts * getvariable('receipt_fault_share')
        or doubtful_usd > receipts_usd * getvariable('receipt_fault_share')
    )

-- name: share_of_unreadable_receipts
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- severity: error
-- expects: few receipts have an amount or a time that cannot be used, and they are little of the money
with unreadable as (
    select distinct source_table, source_id
    from found
    where
        check_name in ('transaction_date_readable', 'transaction_date_plausible', 'absurd_amount')
)

select
    count(*) filter (where u.source_id is not null or r.price_fault is not null) as doubtful,
    count(*) as receipts,
    sum(coalesce(r.paid_usd, r.list_price_usd)) filter (
        where u.source_id is not null or r.price_fault is not null
    ) as doubtful_usd,
    sum(coalesce(r.paid_usd, r.list_price_usd)) as receipts_usd
from marts.fct_receipts r
left join unreadable u on u.source_table = r.source_table and u.source_id = r.source_id
where r.verdict not in ('not_a_sale', 'test', 'future')
having
    receipts >= getvariable('receipts_for_a_share')
    and (
        doubtful > receipts * getvariable('receipt_fault_share')
        or doubtful_usd > receipts_usd * getvariable('receipt_fault_share')
    )
