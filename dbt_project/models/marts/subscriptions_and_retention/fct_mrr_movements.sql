with movements as (
    select * from {{ ref('int_mrr_movements') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

final as (
    select
        movements.movement_id,
        movements.user_id,
        movements.movement_at,
        cast(movements.movement_at as date) as movement_date,
        movements.movement_type,
        movements.mrr_before_usd,
        movements.mrr_after_usd,
        movements.mrr_delta_usd,
        movements.churn_reason,
        movements.product_key,
        movements.store,
        movements.base_plan_id,
        cast(movements.billing_months as bigint) as billing_months,
        coalesce(movements.offer_id, 'none') as offer_id,
        movements.previous_product_key,
        movements.previous_store,
        {{ user_dimensions('users', 'movements.movement_at') }},
        {{ user_cohorts('users', 'movements.movement_at') }},
        movements.period_id,
        movements.period_id as source_event_id
    from movements
    left join users on {{ holds_at('users', 'movements.user_id', 'movements.movement_at') }}
    order by movements.movement_at, movements.movement_id
)

select * from final
