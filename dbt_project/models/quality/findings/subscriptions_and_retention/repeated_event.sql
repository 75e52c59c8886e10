with ordered as (
    select
        *,
        lag(created_at) over (
            partition by user_id, event_type, subscription_id, purchase_id
            order by created_at, subscription_event_id
        ) as previous_at
    from {{ ref('stg_subscription_events') }}
    where event_type in ('canceled', 'expired')
)

select
    'subscription_events' as source_table,
    subscription_event_id as source_id,
    user_id,
    'The same event was told a moment before: taken once' as explanation,
    cast(0 as decimal(18, 4)) as money_at_stake_usd
from ordered
where created_at <= previous_at + to_minutes({{ var('same_event_minutes') }})
