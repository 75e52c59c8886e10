select
    source_table,
    source_id,
    user_id,
    'Still awaits its validation, long after a store would have settled it: not counted'
        as explanation,
    paid_usd as money_at_stake_usd
from {{ ref('fct_receipts') }}
where
    verdict = 'pending'
    and transacted_at + to_days({{ var('pending_days') }})
    < (select clock.as_of_at from {{ ref('int_clock') }} as clock)
