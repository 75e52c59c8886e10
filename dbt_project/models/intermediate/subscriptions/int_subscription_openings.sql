-- One row per event that opens a period, with what its receipt says and the closing events that
-- follow it before the next opening.
with events as (
    select * from {{ ref('int_subscription_events_ordered') }}
),

judged as (
    select * from {{ ref('int_receipts_judged') }}
    where source_table = 'subscription_events'
),

priced as (
    select
        events.*,
        judged.is_test,
        judged.product_key,
        judged.billing_months,
        judged.offer_id,
        judged.is_trial,
        case when judged.is_trial then cast(0 as decimal(18, 4)) else judged.paid_usd end
            as price_usd,
        case when judged.is_trial then cast(0 as decimal(18, 4)) else judged.list_price_usd end
            as list_price_usd,
        {{ term_months('judged.billing_months') }} as term_months
    from events
    inner join judged on events.subscription_event_id = judged.source_id
    where events.is_opening
),

-- A closing event that names another plan or store speaks of a subscription replaced before.
closings as (
    select
        events.*,
        row_number() over (
            partition by events.user_id, events.opening_number, events.event_type
            order by
                case when events.event_type = 'canceled' then 1 else -1 end * events.event_number
        ) as choice
    from events
    inner join priced
        on
            events.user_id = priced.user_id
            and events.opening_number = priced.opening_number
    where
        not events.is_opening
        and coalesce(events.base_plan_id = priced.base_plan_id, true)
        and coalesce(events.store = priced.store, true)
),

-- The first cancel is the intent; the last expired event knows best.
chosen as (
    select
        user_id,
        opening_number,
        max(case when event_type = 'canceled' then created_at end) as cancel_intent_at,
        max(case when event_type = 'expired' then created_at end) as expired_at,
        max(case when event_type = 'expired' then expires_at end) as expired_expires_at
    from closings
    where choice = 1
    group by user_id, opening_number
),

-- A created event starts afresh, whatever stood before; renewals hang on their predecessor.
numbered as (
    select
        priced.*,
        chosen.cancel_intent_at,
        chosen.expired_at,
        chosen.expired_expires_at,
        sum(case when priced.event_type = 'created' then 1 else 0 end) over (
            partition by priced.user_id
            order by priced.opening_number
            rows between unbounded preceding and current row
        ) as segment_number
    from priced
    left join chosen
        on
            priced.user_id = chosen.user_id
            and priced.opening_number = chosen.opening_number
),

final as (
    select
        subscription_event_id,
        user_id,
        subscription_id,
        event_type,
        created_at,
        expires_at,
        base_plan_id,
        store,
        opening_number,
        segment_number,
        is_test,
        product_key,
        billing_months,
        term_months,
        offer_id,
        is_trial,
        price_usd,
        list_price_usd,
        cancel_intent_at,
        expired_at,
        expired_expires_at,
        row_number() over (
            partition by user_id, segment_number order by opening_number
        ) as segment_step
    from numbered
)

select * from final
