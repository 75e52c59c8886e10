select
    'subscription_events' as source_table,
    subscription_event_id as source_id,
    user_id,
    concat(
        'Renewed was told ',
        date_diff('day', period_start_at, created_at),
        ' days after its period''s start'
    ) as explanation,
    cast(0 as decimal(18, 4)) as money_at_stake_usd
from {{ ref('int_subscription_periods') }}
where
    event_type = 'renewed'
    and not is_implausible
    and created_at - to_days(cast(grace_days as integer)) > period_start_at
