select
    source_table,
    source_id,
    user_id,
    'Neither an amount that can be used nor a price in the book: earns nothing until priced'
        as explanation,
    list_price_usd as money_at_stake_usd
from {{ ref('fct_receipts') }}
where verdict = 'unpriced'
