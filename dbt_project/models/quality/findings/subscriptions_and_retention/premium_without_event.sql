select
    'subscriptions' as source_table,
    s.subscription_id as source_id,
    s.user_id,
    'Premium, though no created or renewed event tells of it: no period, no revenue' as explanation,
    cast(null as decimal(18, 4)) as money_at_stake_usd
from {{ ref('stg_subscriptions') }} as s
where
    s.plan = 'premium'
    and not exists (
        select 1 from {{ ref('stg_subscription_events') }} as e
        where e.user_id = s.user_id and {{ opens_a_period('e.event_type') }}
    )
