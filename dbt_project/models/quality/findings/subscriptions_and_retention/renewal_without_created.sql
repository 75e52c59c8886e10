with opened as (
    select
        user_id,
        min(created_at) as first_created_at
    from {{ ref('stg_subscription_events') }}
    where event_type = 'created'
    group by user_id
)

select
    'subscription_events' as source_table,
    r.subscription_event_id as source_id,
    r.user_id,
    'Renewed, though no created event of the user stands before it: opens a chain' as explanation,
    cast(null as decimal(18, 4)) as money_at_stake_usd
from {{ ref('stg_subscription_events') }} as r
left join opened as c on r.user_id = c.user_id
where r.event_type = 'renewed' and (c.user_id is null or c.first_created_at > r.created_at)
