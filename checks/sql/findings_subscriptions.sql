-- name: renewal_without_created
-- area: subscriptions_and_retention
-- asset: marts/fct_subscription_periods
-- expects: a created event comes before every renewal
select
    'subscription_events' as source_table,
    r.subscription_event_id as source_id,
    r.user_id,
    'Renewed, though no created event of the user stands before it: opens a chain' as explanation,
    cast(null as decimal(18, 4)) as money_at_stake_usd
from staging.stg_subscription_events r
left join (
    select user_id, min(created_at) as first_created_at
    from staging.stg_subscription_events
    where event_type = 'created'
    group by user_id
) c on c.user_id = r.user_id
where r.event_type = 'renewed' and (c.user_id is null or c.first_created_at > r.created_at)

-- name: expired_before_created
-- area: subscriptions_and_retention
-- asset: marts/fct_subscription_periods
-- expects: a paid period comes before every expired event
select
    'subscription_events',
    x.subscription_event_id,
    x.user_id,
    'Expired, though no paid period of the user had begun: ends nothing',
    cast(0 as decimal(18, 4))
from staging.stg_subscription_events x
left join (
    select user_id, min(created_at) as first_opened_at
    from staging.stg_subscription_events
    where event_type in ('created', 'renewed')
    group by user_id
) o on o.user_id = x.user_id
where x.event_type = 'expired' and (o.user_id is null or o.first_opened_at > x.created_at)

-- name: event_out_of_order
-- area: subscriptions_and_retention
-- asset: marts/fct_subscription_periods
-- expects: events follow each other as created, renewed, canceled, expired
with placed as (
    select
        e.*,
        coalesce(own.purchase_number, of_period.purchase_number) as purchase_number,
        case e.event_type when 'created' then 1 when 'renewed' then 2 when 'canceled' then 3 else 4 end
            as turn,
        if(e.event_type in ('created', 'renewed', 'expired'), e.event_type, null) as turning
    from staging.stg_subscription_events e
    left join intermediate.int_subscription_openings own
        on own.subscription_event_id = e.subscription_event_id
    left join intermediate.int_subscription_closings c
        on c.subscription_event_id = e.subscription_event_id
    left join intermediate.int_subscription_openings of_period
        on of_period.subscription_event_id = c.opening_event_id
),

-- What had expired is a purchase; a plan that replaced it goes on. Of an event of none its user's last
-- word counts.
ordered as (
    select
        *,
        last_value(turning ignore nulls) over of_user as user_state,
        if(purchase_number is null, user_state, last_value(turning ignore nulls) over of_purchase)
            as state,
        last_value(if(event_type = 'expired', created_at, null) ignore nulls)
            over of_user as user_expired_at,
        if(
            purchase_number is null,
            user_expired_at,
            last_value(if(event_type = 'expired', created_at, null) ignore nulls) over of_purchase
        ) as expired_at
    from placed
    window
        of_user as (
            partition by user_id
            order by created_at, turn, subscription_event_id
            rows between unbounded preceding and 1 preceding
        ),
        of_purchase as (
            partition by user_id, purchase_number
            order by created_at, turn, subscription_event_id
            rows between unbounded preceding and 1 preceding
        )
),

-- A cancel that comes moments before its created event is in order.
cancels as (
    select
        c.subscription_event_id,
        c.opening_event_id is not null as is_placed,
        o.created_at > c.created_at + to_minutes(getvariable('same_event_minutes')) as is_early
    from intermediate.int_subscription_closings c
    left join staging.stg_subscription_events o on o.subscription_event_id = c.opening_event_id
    where c.event_type = 'canceled'
)

select
    'subscription_events',
    o.subscription_event_id,
    user_id,
    case
        when c.is_early then 'Canceled before the event came that opens the period it names'
        when user_state is null then 'Canceled before any paid period began'
        else concat(upper(event_type[1]), event_type[2:], ' after the subscription had expired')
    end,
    cast(if(event_type = 'renewed', null, 0) as decimal(18, 4))
from ordered o
left join cancels c on c.subscription_event_id = o.subscription_event_id
where
    (event_type = 'canceled' and user_state is null and not coalesce(c.is_placed, false))
    or c.is_early
    or (
        event_type in ('renewed', 'canceled', 'expired')
        and state = 'expired'
        and (
            event_type <> 'expired'
            or created_at > expired_at + to_minutes(getvariable('same_event_minutes'))
        )
    )

-- name: repeated_event
-- area: subscriptions_and_retention
-- asset: marts/fct_subscription_periods
-- expects: no canceled or expired event is told twice
with ordered as (
    select
        *,
        lag(created_at) over (
            partition by user_id, event_type, subscription_id, purchase_id
            order by created_at, subscription_event_id
        ) as previous_at
    from staging.stg_subscription_events
    where event_type in ('canceled', 'expired')
)

select
    'subscription_events',
    subscription_event_id,
    user_id,
    'The same event was told a moment before: taken once',
    cast(0 as decimal(18, 4))
from ordered
where created_at <= previous_at + to_minutes(getvariable('same_event_minutes'))

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
