select
    r.source_table,
    r.source_id,
    r.user_id,
    'The product stands neither in the price book nor in the catalogue' as explanation,
    r.paid_usd as money_at_stake_usd
from {{ ref('fct_receipts') }} as r
where
    r.verdict <> 'not_a_sale'
    and not exists (
        select 1 from {{ ref('int_price_book') }} as b
        where b.product_key = r.product_key
    )
    and not exists (
        select 1
        from {{ ref('stg_courses') }} as c
        where lower(c.course_code) = lower(r.product_key)
    )
