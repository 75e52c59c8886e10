with access as (
    select
        user_id,
        bool_or(
            ended_by = 'open'
            or effective_end_at > (select clock.as_of_at from {{ ref('int_clock') }} as clock)
        ) as has_access,
        max(effective_end_at) as ended_at
    from {{ ref('fct_subscription_periods') }}
    group by user_id
)

select
    'subscriptions' as source_table,
    s.subscription_id as source_id,
    s.user_id,
    concat('Premium at the source, though paid access ended on ', cast(access.ended_at as date))
        as explanation,
    cast(null as decimal(18, 4)) as money_at_stake_usd
from {{ ref('stg_subscriptions') }} as s
inner join access on s.user_id = access.user_id
where s.plan = 'premium' and not access.has_access
