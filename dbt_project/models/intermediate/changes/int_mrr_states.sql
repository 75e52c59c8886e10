-- One row per movement: what the customer paid for before it and after it, null where nothing.
with movements as (
    select * from {{ ref('fct_mrr_movements') }}
),

periods as (
    select
        period_id,
        contracted_mrr_usd
    from {{ ref('fct_subscription_periods') }}
),

valued as (
    select
        movements.movement_id,
        movements.user_id,
        movements.movement_at,
        {{ month_start('movements.movement_at') }} as month,
        movements.movement_type,
        case when movements.mrr_after_usd > 0 then coalesce(movements.product_key, 'unknown') end
            as plan_after,
        case when movements.mrr_after_usd > 0 then coalesce(movements.store, 'unknown') end
            as store_after,
        case when movements.mrr_after_usd > 0 then movements.mrr_after_usd end as value_after_usd,
        case
            when movements.mrr_after_usd > 0
                then coalesce(nullif(periods.contracted_mrr_usd, 0), movements.mrr_after_usd)
        end as list_after_usd
    from movements
    left join periods on movements.period_id = periods.period_id
),

final as (
    select
        *,
        lag(plan_after) over user_movements as plan_before,
        lag(store_after) over user_movements as store_before,
        lag(value_after_usd) over user_movements as value_before_usd,
        lag(list_after_usd) over user_movements as list_before_usd
    from valued
    window user_movements as (partition by user_id order by movement_at)
)

select * from final
