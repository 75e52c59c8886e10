select
    r.receipt_id,
    p.amount_paid as source_usd,
    r.paid_usd
from {{ ref('fct_receipts') }} as r
inner join {{ source('raw', 'ai_credit_purchases') }} as p on r.source_id = p.id
where
    r.source_table = 'ai_credit_purchases'
    and r.price_basis = 'recorded'
    and upper({{ stripped('p.currency') }}) = 'USD'
    and cast(p.amount_paid as decimal(18, 4)) is distinct from r.paid_usd
order by all
