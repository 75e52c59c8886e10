with movements as (
    select * from {{ ref('int_mrr_movements') }}
),

periods as (
    select * from {{ ref('int_subscription_periods') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

final as (
    select
        cast(movements.user_id as varchar)
        || ':'
        || cast(movements.movement_at as varchar) as movement_id,
        movements.user_id,
        movements.movement_at,
        cast(movements.movement_at as date) as movement_date,
        case
            when movements.mrr_after_usd = 0 then 'churn'
            when movements.user_movement_number = 1 then 'new'
            when movements.mrr_before_usd = 0 then 'reactivation'
            when movements.mrr_delta_usd > 0 then 'expansion'
            else 'contraction'
        end as movement_type,
        movements.mrr_before_usd,
        movements.mrr_after_usd,
        movements.mrr_delta_usd,
        movements.churn_reason,
        held.product_key,
        held.store,
        held.base_plan_id,
        cast(held.billing_months as bigint) as billing_months,
        coalesce(held.offer_id, 'none') as offer_id,
        befores.product_key as previous_product_key,
        befores.store as previous_store,
        {{ user_dimensions('users', 'movements.movement_at') }},
        {{ user_cohorts('users', 'movements.movement_at') }},
        held.subscription_event_id as period_id,
        held.subscription_event_id as source_event_id
    from movements
    inner join periods as held
        on
            coalesce(movements.after_event_id, movements.before_event_id)
            = held.subscription_event_id
    left join periods as befores on movements.before_event_id = befores.subscription_event_id
    left join users on {{ holds_at('users', 'movements.user_id', 'movements.movement_at') }}
    order by movements.movement_at, movement_id
)

select * from final
