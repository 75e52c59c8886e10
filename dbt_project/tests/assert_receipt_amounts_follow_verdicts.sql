select *
from {{ ref('fct_receipts') }}
where
    (verdict = 'counted' and coalesce(paid_usd, 0) <= 0)
    or (verdict in ('unpriced', 'not_a_sale') and paid_usd is not null)
    or (paid_usd is null) <> (price_basis in ('none', 'prorated'))
    or (paid_usd is null) <> (proceeds_usd is null)
    or paid_usd - tax_usd - store_fee_usd <> proceeds_usd
    or least(tax_usd, store_fee_usd, proceeds_usd, discount_usd) < 0
    or (verdict <> 'not_a_sale' and is_test <> (verdict = 'test'))
