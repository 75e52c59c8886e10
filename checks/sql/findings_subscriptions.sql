-- name: overlapping_periods
-- area: subscriptions_and_retention
-- asset: marts/fct_subscription_periods
-- expects: a user pays for one subscription at a time
with ordered as (
    select
        *,
        lag(ended_by) over previous as previous_ended_by,
        lag(product_key) over previous as previous_product_key,
        lag(store) over previous as previous_store,
        lag(period_end_at) over previous as previous_end_at
    from marts.fct_subscription_periods
    window previous as (partition by user_id order by period_start_at, period_id)
)

select
    'subscription_events',
    source_event_id,
    user_id,
    if(
        ended_by = 'replaced' and opened_at > effective_end_at,
        'An older subscription was charged on after a newer one had replaced it: paid twice for a time',
        'Begins while a period of the same plan, or of another store, still runs: paid twice for a time'
    ),
    price_usd
from ordered
where
    (
        previous_ended_by = 'replaced'
        and period_start_at < previous_end_at
        and (product_key = previous_product_key or store <> previous_store)
    )
    -- the renewal of an older purchase, told after a newer one had replaced it
    or (ended_by = 'replaced' and opened_at > effective_end_at)

-- name: missing_expired
-- area: subscriptions_and_retention
-- asset: marts/fct_subscription_periods
-- expects: a renewal or an expired event follows every period that ended
select
    'subscription_events',
    source_event_id,
    user_id,
    'The period ended, the grace has passed, and neither a renewal nor an expired event came',
    cast(0 as decimal(18, 4))
from marts.fct_subscription_periods
where ended_by = 'lapsed' and not is_implausible

-- name: expired_late
-- area: subscriptions_and_retention
-- asset: marts/fct_subscription_periods
-- expects: an expired event comes by the end of the grace of its period
select
    'subscription_events',
    e.subscription_event_id,
    e.user_id,
    concat('Expired was told ', date_diff('day', p.period_end_at, e.created_at), ' days after the period''s end'),
    cast(0 as decimal(18, 4))
from intermediate.int_subscription_closings e
inner join intermediate.int_subscription_periods p on p.subscription_event_id = e.opening_event_id
where
    e.event_type = 'expired'
    and not p.is_implausible
    and e.created_at - to_days(cast(p.grace_days as integer)) > p.period_end_at

-- name: renewal_late
-- area: subscriptions_and_retention
-- asset: marts/fct_subscription_periods
-- expects: a renewal comes by the end of the grace of the period before it
select
    'subscription_events',
    subscription_event_id,
    user_id,
    concat('Renewed was told ', date_diff('day', period_start_at, created_at), ' days after its period''s start'),
    cast(0 as decimal(18, 4))
from intermediate.int_subscription_periods
where
    event_type = 'renewed'
    and not is_implausible
    and created_at - to_days(cast(grace_days as integer)) > period_start_at

-- name: renewal_lost
-- area: subscriptions_and_retention
-- asset: marts/fct_subscription_periods
-- expects: a renewal follows the period before it within its grace
select
    'subscription_events',
    e.subscription_event_id,
    e.user_id,
    'Renewed, though grace had passed since the period before it: a renewal between them may be lost',
    cast(null as decimal(18, 4))
from marts.fct_subscription_events e
inner join marts.fct_subscription_periods p on p.period_id = e.subscription_event_id
where
    e.event_type = 'renewed'
    and e.effect = 'opened'
    and exists (
        select 1 from marts.fct_subscription_periods o
        where o.user_id = p.user_id and o.store = p.store and o.opened_at < p.opened_at
    )

-- name: premium_without_event
-- area: subscriptions_and_retention
-- asset: marts/fct_subscription_periods
-- expects: an event tells of every premium subscription
select
    'subscriptions',
    s.subscription_id,
    s.user_id,
    'Premium, though no created or renewed event tells of it: no period, no revenue',
    cast(null as decimal(18, 4))
from staging.stg_subscriptions s
where
    s.plan = 'premium'
    and not exists (
        select 1 from staging.stg_subscription_events e
        where e.user_id = s.user_id and e.event_type in ('created', 'renewed')
    )

-- name: subscription_row_missing
-- area: subscriptions_and_retention
-- asset: raw/subscriptions
-- expects: every user has a present billing state
select
    'user_profile',
    p.user_id,
    p.user_id,
    'The user has no row in subscriptions, not even a free one: the plan counts as free',
    cast(0 as decimal(18, 4))
from raw.user_profile p
where
    not exists (
        select 1 from staging.stg_subscriptions s
        where s.user_id = p.user_id and s.source_deleted_at is null
    )

-- name: premium_without_access
-- area: subscriptions_and_retention
-- asset: marts/fct_subscription_periods
-- expects: whoever is premium has a paid or trial period that still runs
with access as (
    select
        user_id,
        bool_or(
            ended_by = 'open'
            or effective_end_at > (select max(as_of_at) from meta.run_manifest)
        ) as has_access,
        max(effective_end_at) as ended_at
    from marts.fct_subscription_periods
    group by user_id
)

select
    'subscriptions',
    s.subscription_id,
    s.user_id,
    concat('Premium at the source, though paid access ended on ', cast(access.ended_at as date)),
    cast(null as decimal(18, 4))
from staging.stg_subscriptions s
inner join access on access.user_id = s.user_id
where s.plan = 'premium' and not access.has_access

-- name: implausible_period
-- area: subscriptions_and_retention
-- asset: marts/fct_receipts
-- expects: a period is about as long as its plan
select
    source_table,
    source_id,
    user_id,
    'The length of the period contradicts its plan: no revenue, no access, no MRR',
    cast(null as decimal(18, 4))
from marts.fct_receipts
where verdict = 'implausible'
