select
    'subscription_events' as source_table,
    e.subscription_event_id as source_id,
    e.user_id,
    concat(
        'Expired was told ',
        date_diff('day', p.period_end_at, e.created_at),
        ' days after the period''s end'
    ) as explanation,
    cast(0 as decimal(18, 4)) as money_at_stake_usd
from {{ ref('int_subscription_closings') }} as e
inner join
    {{ ref('int_subscription_periods') }} as p
    on e.opening_event_id = p.subscription_event_id
where
    e.event_type = 'expired'
    and not p.is_implausible
    and e.created_at - to_days(cast(p.grace_days as integer)) > p.period_end_at
