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
        select 1 from staging.stg_courses c where lower(c.course_code) = lower(r.product_key)
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

-- name: absurd_amount
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- expects: recorded amounts lie near what the product costs
select
    source_table,
    source_id,
    user_id,
    case
        when price_fault = 'amount_absurd'
            then 'The recorded amount is far from what the product costs: set aside, the book speaks'
        else 'The recorded amount is far above every price, and the book has none to hold it against'
    end,
    abs(recorded_usd - coalesce(paid_usd, 0))
from intermediate.int_receipts_judged
where
    price_fault = 'amount_absurd'
    or (price_basis = 'recorded' and list_price_usd is null and paid_usd > 1000)

-- name: contradicting_credits
-- area: receipts_and_revenue
-- asset: marts/fct_credit_lots
-- expects: recorded credits are a whole number of packs
select
    source_table,
    source_id,
    user_id,
    case credits_fault
        when 'credits_absurd'
            then 'The recorded credits are far from what the pack holds: the pack''s own count holds'
        else 'The recorded credits are no whole number of packs: counted as one pack'
    end,
    paid_usd
from intermediate.int_receipts_judged
where credits_fault is not null

-- name: not_yet_happened
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- expects: no receipt is dated after the extraction
select
    source_table,
    source_id,
    user_id,
    'Dated after the extraction: counted nowhere until its time has come',
    cast(0 as decimal(18, 4))
from marts.fct_receipts
where verdict = 'future'
