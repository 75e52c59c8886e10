-- name: restored_without_original
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- expects: every restored receipt shares its token or order with a counted one
select
    r.source_table,
    r.source_id,
    r.user_id,
    'Restored, but no counted receipt shares its token or order: nothing was earned' as explanation,
    r.paid_usd as money_at_stake_usd
from intermediate.int_receipts_judged r
where r.is_restored_without_sale

-- name: unpriced_receipt
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- expects: every sale has a recorded amount or a price in the book
select
    source_table,
    source_id,
    user_id,
    'Neither an amount that can be used nor a price in the book: earns nothing until priced',
    list_price_usd
from marts.fct_receipts
where verdict = 'unpriced'

-- name: unknown_product
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- expects: every sale is of a product of the price book or the catalogue
select
    r.source_table,
    r.source_id,
    r.user_id,
    'The product stands neither in the price book nor in the catalogue',
    r.paid_usd
from marts.fct_receipts r
where
    r.verdict <> 'not_a_sale'
    and not exists (select 1 from seeds.price_book b where b.product_key = r.product_key)
    and not exists (
        select 1 from raw.courses c where lower(trim(c.course_code)) = lower(r.product_key)
    )

-- name: pending_never_clears
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- expects: pending purchases clear within some days
select
    source_table,
    source_id,
    user_id,
    'Still awaits its validation, long after a store would have settled it: not counted',
    paid_usd
from marts.fct_receipts
where
    verdict = 'pending'
    and transacted_at + to_days(getvariable('pending_days'))
    < (select max(as_of_at) from meta.run_manifest)

-- name: sandbox_purchase
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- expects: test users buy nothing among real receipts
select
    source_table,
    source_id,
    user_id,
    'Bought with a test account: stands in no aggregate',
    paid_usd
from marts.fct_receipts
where verdict = 'test'

-- name: absurd_amount
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- expects: recorded amounts lie near the list price
select
    source_table,
    source_id,
    user_id,
    'The recorded amount is far from the list price: a slip of unit or currency',
    paid_usd
from marts.fct_receipts
where
    price_basis = 'recorded'
    and (
        paid_usd > list_price_usd * getvariable('absurd_price_factor')
        or paid_usd * getvariable('absurd_price_factor') < list_price_usd
        or (list_price_usd is null and paid_usd > 1000)
    )
