select
    source_table,
    source_id,
    user_id,
    case
        when price_fault = 'amount_absurd'
            then
                'The recorded amount is far from what the product costs: set aside, the book speaks'
        else
            'The recorded amount is far above every price, and the book has none to hold it against'
    end as explanation,
    abs(recorded_usd - coalesce(paid_usd, 0)) as money_at_stake_usd
from {{ ref('int_receipts_judged') }}
where
    price_fault = 'amount_absurd'
    or (price_basis = 'recorded' and list_price_usd is null and paid_usd > 1000)
