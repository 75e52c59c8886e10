with placed as (
    select
        e.*,
        coalesce(own.purchase_number, of_period.purchase_number) as purchase_number,
        case e.event_type
            when 'created' then 1 when 'renewed' then 2 when 'canceled' then 3 else 4
        end as turn,
        if(e.event_type in ('created', 'renewed', 'expired'), e.event_type, null) as turning
    from {{ ref('stg_subscription_events') }} as e
    left join {{ ref('int_subscription_openings') }} as own
        on e.subscription_event_id = own.subscription_event_id
    left join {{ ref('int_subscription_closings') }} as c
        on e.subscription_event_id = c.subscription_event_id
    left join {{ ref('int_subscription_openings') }} as of_period
        on c.opening_event_id = of_period.subscription_event_id
),

-- What had expired is a purchase; a plan that replaced it goes on. Of an event of none its user's
-- last word counts.
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
        o.created_at > c.created_at + to_minutes({{ var('same_event_minutes') }}) as is_early
    from {{ ref('int_subscription_closings') }} as c
    left join
        {{ ref('stg_subscription_events') }} as o
        on c.opening_event_id = o.subscription_event_id
    where c.event_type = 'canceled'
)

select
    'subscription_events' as source_table,
    o.subscription_event_id as source_id,
    o.user_id,
    case
        when c.is_early then 'Canceled before the event came that opens the period it names'
        when o.user_state is null then 'Canceled before any paid period began'
        else concat(upper(o.event_type[1]), o.event_type[2:], ' after the subscription had expired')
    end as explanation,
    cast(if(o.event_type = 'renewed', null, 0) as decimal(18, 4)) as money_at_stake_usd
from ordered as o
left join cancels as c on o.subscription_event_id = c.subscription_event_id
where
    (o.event_type = 'canceled' and o.user_state is null and not coalesce(c.is_placed, false))
    or c.is_early
    or (
        o.event_type in ('renewed', 'canceled', 'expired')
        and o.state = 'expired'
        and (
            o.event_type <> 'expired'
            or o.created_at > o.expired_at + to_minutes({{ var('same_event_minutes') }})
        )
    )
