-- One row per subscription event that counts, in each user's order of events.
with clock as (
    select * from {{ ref('int_clock') }}
),

events as (
    select * from {{ ref('stg_subscription_events') }}
),

judged as (
    select * from {{ ref('int_receipts_judged') }}
    where source_table = 'subscription_events'
),

-- What the data's own clock has not reached has not happened.
happened as (
    select
        events.*,
        {{ subscription_key_of('events.product_id', 'events.base_plan_id') }} as named_product_key
    from events
    cross join clock
    where events.created_at <= clock.as_of_at
),

-- A receipt told twice opens nothing, nor does access that nobody paid for in a store.
openings as (
    select
        happened.*,
        true as is_opening,
        case happened.event_type when 'created' then 0 else 1 end as type_rank
    from happened
    inner join judged on happened.subscription_event_id = judged.source_id
    where
        happened.event_type in ('created', 'renewed')
        and judged.verdict not in ('duplicate_token', 'duplicate_order', 'replayed')
        and (judged.verdict <> 'not_a_sale' or judged.is_trial)
),

closings as (
    select
        happened.*,
        false as is_opening,
        case happened.event_type when 'canceled' then 0 else 1 end as type_rank
    from happened
    where happened.event_type in ('canceled', 'expired')
),

combined as (
    select * from openings
    union all
    select * from closings
),

first_openings as (
    select
        user_id,
        min(created_at) as first_opened_at
    from openings
    group by user_id
),

-- At one instant what ends comes before what opens, save at a user's first: there is nothing to
-- end.
ranked as (
    select
        combined.*,
        case
            when combined.is_opening then 1
            when combined.created_at = first_openings.first_opened_at then 2
            else 0
        end as instant_rank
    from combined
    inner join first_openings on combined.user_id = first_openings.user_id
),

final as (
    select
        subscription_event_id,
        user_id,
        subscription_id,
        event_type,
        is_opening,
        nullif(split_part(coalesce(named_product_key, ''), '/', 2), '') as base_plan_id,
        store,
        expires_at,
        created_at,
        row_number() over user_events as event_number,
        sum(case when is_opening then 1 else 0 end) over (
            user_events rows between unbounded preceding and current row
        ) as opening_number
    from ranked
    window user_events as (
        partition by user_id
        order by created_at, instant_rank, type_rank, subscription_event_id
    )
)

select * from final
