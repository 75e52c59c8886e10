select
    'subscription_events' as source_table,
    e.subscription_event_id as source_id,
    e.user_id,
    concat(
        'Renewed, though grace had passed since the period before it:',
        ' a renewal between them may be lost'
    ) as explanation,
    cast(null as decimal(18, 4)) as money_at_stake_usd
from {{ ref('fct_subscription_events') }} as e
inner join {{ ref('fct_subscription_periods') }} as p on e.subscription_event_id = p.period_id
where
    e.event_type = 'renewed'
    and e.effect = 'opened'
    and exists (
        select 1 from {{ ref('fct_subscription_periods') }} as o
        where o.user_id = p.user_id and o.store = p.store and o.opened_at < p.opened_at
    )
