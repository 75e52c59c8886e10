-- One row per canceled and expired event by as_of, with the opening whose period it ends or is to
-- end: the one whose end it names; else, by its time, the latest opening before it that neither its
-- plan, store nor order number contradicts. `reason` says why there is none.
with clock as (
    select * from {{ ref('int_clock') }}
),

openings as (
    select
        *,
        case
            when expires_at > begins_at then expires_at
            else {{ add_months('begins_at', 'term_months') }}
        end as stated_end_at,
        min(begins_at) over (partition by user_id) as first_opened_at
    from {{ ref('int_subscription_openings') }}
    where not is_repeated_end
),

closings as (
    select
        events.subscription_event_id,
        events.user_id,
        events.event_type,
        events.store,
        events.expires_at,
        events.created_at,
        nullif(
            split_part(
                coalesce(
                    {{ subscription_key_of('events.product_id', 'events.base_plan_id') }}, ''
                ),
                '/',
                2
            ),
            ''
        ) as base_plan_id,
        {{ order_base('events.purchase_id') }} as order_base
    from {{ ref('stg_subscription_events') }} as events
    cross join clock
    where
        events.event_type in ('canceled', 'expired') and events.created_at <= clock.as_of_at
),

bases as (
    select distinct
        user_id,
        order_base,
        purchase_number
    from openings
    where order_base is not null
),

known_bases as (
    select distinct
        user_id,
        order_base
    from bases
),

known as (
    select
        closings.*,
        known_bases.order_base is not null as is_base_known
    from closings
    left join known_bases
        on
            closings.user_id = known_bases.user_id
            and closings.order_base = known_bases.order_base
),

pairs as (
    select
        known.subscription_event_id,
        known.event_type,
        known.created_at,
        known.expires_at,
        openings.subscription_event_id as opening_event_id,
        openings.opening_number,
        openings.event_type as opening_event_type,
        openings.begins_at as opened_at,
        openings.expires_at as opening_expires_at,
        openings.stated_end_at,
        openings.grace_days,
        openings.first_opened_at,
        not known.is_base_known
        or bases.purchase_number is not null as is_order_right
    from known
    inner join openings on known.user_id = openings.user_id
    left join bases
        on
            known.user_id = bases.user_id
            and known.order_base = bases.order_base
            and openings.purchase_number = bases.purchase_number
    where
        coalesce(known.base_plan_id = openings.base_plan_id, true)
        and coalesce(known.store = openings.store, true)
),

compared as (
    select
        *,
        {{ is_one_end('opening_expires_at', 'expires_at') }} as is_named,
        opened_at < created_at
        or (opened_at = created_at and opened_at = first_opened_at) as is_before,
        coalesce(
            expires_at > opened_at
            and {{ grace_before('expires_at', 'grace_days') }} <= stated_end_at, expires_at is null
        ) as is_within,
        stated_end_at < {{ grace_before('created_at', 'grace_days') }} as is_long_over
    from pairs
    where is_order_right
),

-- A cancel stored moments before its created event, while nothing runs, is that event's.
weighed as (
    select
        *,
        case
            when is_named then 1
            when is_before and is_within and not (is_upcoming_cancel and is_long_over) then 2
            when
                is_upcoming_cancel
                and opening_event_type = 'created'
                and opened_at >= created_at
                and {{ same_end('created_at', 'opened_at') }}
                then 3
        end as way
    from (
        select
            *,
            event_type = 'canceled' and expires_at is null as is_upcoming_cancel
        from compared
    ) as typed
),

chosen as (
    select
        subscription_event_id,
        opening_event_id,
        way,
        row_number() over (
            partition by subscription_event_id
            order by
                way,
                case
                    when way = 1
                        then
                            abs({{ seconds_between('opening_expires_at', 'expires_at') }})
                end,
                opening_number desc nulls last
        ) as choice
    from weighed
    where way is not null
),

told as (
    select distinct subscription_event_id from pairs
),

final as (
    select
        known.subscription_event_id,
        known.user_id,
        known.event_type,
        known.created_at,
        known.expires_at,
        chosen.opening_event_id,
        case
            when chosen.opening_event_id is not null then null
            when told.subscription_event_id is null
                then 'no period of its user, plan and store is known'
            when known.expires_at is not null then 'names an end that no period has'
            else 'comes before any period'
        end as reason
    from known
    left join chosen
        on
            known.subscription_event_id = chosen.subscription_event_id
            and chosen.choice = 1
    left join told on known.subscription_event_id = told.subscription_event_id
)

select * from final
