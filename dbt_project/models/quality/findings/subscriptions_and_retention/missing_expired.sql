select
    'subscription_events' as source_table,
    source_event_id as source_id,
    user_id,
    'The period ended, the grace has passed, and neither a renewal nor an expired event came'
        as explanation,
    cast(0 as decimal(18, 4)) as money_at_stake_usd
from {{ ref('fct_subscription_periods') }}
where ended_by = 'lapsed' and not is_implausible
