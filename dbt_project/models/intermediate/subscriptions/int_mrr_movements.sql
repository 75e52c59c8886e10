with changes as (
    select * from {{ ref('int_mrr_changes') }}
),

periods as (
    select * from {{ ref('int_subscription_periods') }}
),

grouped as (
    select
        user_id,
        movement_number,
        min(changed_at) as movement_at,
        max(changed_at) as settled_at,
        cast(sum(delta_usd) as decimal(18, 4)) as mrr_delta_usd
    from changes
    group by user_id, movement_number
    having sum(delta_usd) <> 0
),

movements as (
    select
        grouped.*,
        firsts.mrr_before_usd,
        lasts.mrr_after_usd,
        row_number()
            over (partition by grouped.user_id order by grouped.movement_at)
            as user_movement_number
    from grouped
    inner join changes as firsts
        on grouped.user_id = firsts.user_id and grouped.movement_at = firsts.changed_at
    inner join changes as lasts
        on grouped.user_id = lasts.user_id and grouped.settled_at = lasts.changed_at
),

holders as (
    select *
    from periods
    where
        not is_test
        and mrr_usd > 0
        and {{ gave_access() }}
),

-- Each joined by user alone, then filtered: a left join with these conditions compares every
-- movement with every period.
befores as (
    select
        movements.user_id,
        movements.movement_number,
        holders.subscription_event_id
    from movements
    inner join holders on movements.user_id = holders.user_id
    where
        movements.mrr_before_usd > 0
        and movements.movement_at > holders.period_start_at
        and coalesce(movements.movement_at <= holders.access_end_at, true)
),

afters as (
    select
        movements.user_id,
        movements.movement_number,
        holders.subscription_event_id
    from movements
    inner join holders on movements.user_id = holders.user_id
    where
        movements.mrr_after_usd > 0
        and movements.settled_at >= holders.period_start_at
        and coalesce(movements.settled_at < holders.access_end_at, true)
),

lost as (
    select
        movements.user_id,
        movements.movement_number,
        holders.cancel_intent_at,
        holders.period_end_at
    from movements
    inner join holders
        on
            movements.user_id = holders.user_id
            and movements.settled_at = holders.access_end_at
    where movements.mrr_after_usd = 0
),

placed as (
    select
        movements.*,
        befores.subscription_event_id as before_event_id,
        afters.subscription_event_id as after_event_id,
        lost.cancel_intent_at as lost_cancel_at,
        lost.period_end_at as lost_period_end_at
    from movements
    left join befores
        on
            movements.user_id = befores.user_id
            and movements.movement_number = befores.movement_number
    left join afters
        on
            movements.user_id = afters.user_id
            and movements.movement_number = afters.movement_number
    left join lost
        on
            movements.user_id = lost.user_id
            and movements.movement_number = lost.movement_number
),

final as (
    select
        placed.user_id,
        placed.movement_number,
        placed.movement_at,
        placed.settled_at,
        cast(placed.user_id as {{ type_text() }})
        || ':' || cast(placed.movement_at as {{ type_text() }}) as movement_id,
        case
            when placed.mrr_after_usd = 0 then 'churn'
            when placed.user_movement_number = 1 then 'new'
            when placed.mrr_before_usd = 0 then 'reactivation'
            when placed.mrr_delta_usd > 0 then 'expansion'
            else 'contraction'
        end as movement_type,
        placed.mrr_before_usd,
        placed.mrr_after_usd,
        placed.mrr_delta_usd,
        case
            when placed.mrr_after_usd > 0 then null
            when placed.lost_cancel_at < placed.lost_period_end_at then 'voluntary'
            else 'involuntary'
        end as churn_reason,
        held.subscription_event_id as period_id,
        held.product_key,
        held.store,
        held.base_plan_id,
        held.billing_months,
        held.offer_id,
        held.contracted_mrr_usd,
        before_it.product_key as previous_product_key,
        before_it.store as previous_store
    from placed
    left join periods as held
        on coalesce(placed.after_event_id, placed.before_event_id) = held.subscription_event_id
    left join periods as before_it
        on placed.before_event_id = before_it.subscription_event_id
)

select * from final
