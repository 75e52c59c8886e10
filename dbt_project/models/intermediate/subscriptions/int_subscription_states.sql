with clock as (
    select * from {{ ref('int_clock') }}
),

periods as (
    select * from {{ ref('int_subscription_periods') }}
    where not is_test and {{ gave_access() }}
),

-- A renewal collected late was in grace until its charge.
starts as (
    select
        user_id,
        period_start_at as changed_at,
        2 as precedence,
        case
            when is_trial then 'trial'
            when event_type = 'renewed' and created_at > period_start_at then 'grace'
            else 'active_renewing'
        end as state
    from periods
),

charges as (
    select
        user_id,
        created_at as changed_at,
        3 as precedence,
        case when is_trial then 'trial' else 'active_renewing' end as state
    from periods
    where
        event_type = 'renewed'
        and created_at > period_start_at
        and created_at < coalesce(access_end_at, period_end_at)
),

cancels as (
    select
        periods.user_id,
        greatest(cancels.canceled_at, periods.period_start_at) as changed_at,
        4 as precedence,
        'active_canceling' as state
    from periods
    inner join {{ ref('int_subscription_cancels') }} as cancels
        on periods.subscription_event_id = cancels.opening_event_id
    where
        not periods.is_trial
        and cancels.canceled_at < coalesce(periods.access_end_at, periods.period_end_at)
        and coalesce(cancels.undone_at > periods.period_start_at, true)
),

restarts as (
    select
        periods.user_id,
        cancels.undone_at as changed_at,
        5 as precedence,
        'active_renewing' as state
    from periods
    inner join {{ ref('int_subscription_cancels') }} as cancels
        on periods.subscription_event_id = cancels.opening_event_id
    where not periods.is_trial and cancels.undone_at > periods.period_start_at
),

ends as (
    select
        user_id,
        coalesce(access_end_at, period_end_at) as changed_at,
        1 as precedence,
        case
            when not is_in_grace then 'none'
            when is_trial then 'trial'
            else 'grace'
        end as state
    from periods
),

states as (
    select * from starts
    union all
    select * from charges
    union all
    select * from cancels
    union all
    select * from restarts
    union all
    select * from ends
),

latest_states as (
    select
        user_id,
        changed_at,
        state,
        row_number() over (
            partition by user_id, changed_at order by precedence desc nulls last
        ) as choice
    from states
),

instants as (
    select
        coalesce(states.user_id, movements.user_id) as user_id,
        coalesce(states.changed_at, movements.movement_at) as changed_at,
        states.state,
        movements.mrr_after_usd
    from (
        select * from latest_states
        where choice = 1
    ) as states
    full outer join {{ ref('int_mrr_movements') }} as movements
        on states.user_id = movements.user_id and states.changed_at = movements.movement_at
),

filled as (
    select
        instants.user_id,
        instants.changed_at,
        {{ last_known_value('instants.state', 'so_far') }} as state,
        coalesce({{ last_known_value('instants.mrr_after_usd', 'so_far') }}, 0) as mrr_usd
    from instants
    cross join clock
    where instants.changed_at <= clock.as_of_at
    window so_far as (
        partition by instants.user_id
        order by instants.changed_at
        rows between unbounded preceding and current row
    )
),

final as (
    select
        user_id,
        changed_at,
        case
            when
                mrr_usd > 0 and state in ('active_renewing', 'active_canceling', 'grace')
                then state
            when mrr_usd > 0 then 'active_renewing'
            when state = 'trial' then 'trial'
        end as state,
        mrr_usd
    from filled
)

select * from final
