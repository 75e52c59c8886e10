-- One row per movement: what the customer paid for before it and after it, null where nothing.
with movements as (
    select * from {{ ref('int_mrr_movements') }}
),

valued as (
    select
        movement_id,
        user_id,
        movement_at,
        {{ month_start('movement_at') }} as month,
        movement_type,
        case when mrr_after_usd > 0 then coalesce(product_key, 'unknown') end as plan_after,
        case when mrr_after_usd > 0 then coalesce(store, 'unknown') end as store_after,
        case when mrr_after_usd > 0 then mrr_after_usd end as value_after_usd,
        case
            when mrr_after_usd > 0 then coalesce(nullif(contracted_mrr_usd, 0), mrr_after_usd)
        end as list_after_usd
    from movements
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
