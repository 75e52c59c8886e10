with opened as (
    select
        user_id,
        min(created_at) as first_opened_at
    from {{ ref('stg_subscription_events') }}
    where {{ opens_a_period('event_type') }}
    group by user_id
)

select
    'subscription_events' as source_table,
    x.subscription_event_id as source_id,
    x.user_id,
    'Expired, though no paid period of the user had begun: ends nothing' as explanation,
    cast(0 as decimal(18, 4)) as money_at_stake_usd
from {{ ref('stg_subscription_events') }} as x
left join opened as o on x.user_id = o.user_id
where x.event_type = 'expired' and (o.user_id is null or o.first_opened_at > x.created_at)
