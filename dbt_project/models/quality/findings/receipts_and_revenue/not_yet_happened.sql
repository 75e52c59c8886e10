select
    source_table,
    source_id,
    user_id,
    'Dated after the extraction: counted nowhere until its time has come' as explanation,
    cast(0 as decimal(18, 4)) as money_at_stake_usd
from {{ ref('fct_receipts') }}
where verdict = 'future'
