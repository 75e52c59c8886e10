select
    source_table,
    source_id,
    user_id,
    'The length of the period contradicts its plan: no revenue, no access, no MRR' as explanation,
    cast(null as decimal(18, 4)) as money_at_stake_usd
from {{ ref('fct_receipts') }}
where verdict = 'implausible'
