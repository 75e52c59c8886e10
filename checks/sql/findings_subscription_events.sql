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
