with clock as (
    select * from {{ ref('int_clock') }}
),

periods as (
    select * from {{ ref('int_subscription_periods') }}
    where
        not is_test
        and mrr_usd > 0
        and {{ gave_access() }}
),

edges as (
    select
        user_id,
        period_start_at as changed_at,
        mrr_usd as delta_usd
    from periods
    union all
    select
        user_id,
        access_end_at as changed_at,
        -mrr_usd as delta_usd
    from periods
    where access_end_at is not null
),

changes as (
    select
        edges.user_id,
        edges.changed_at,
        cast(sum(edges.delta_usd) as decimal(18, 4)) as delta_usd
    from edges
    cross join clock
    where edges.changed_at <= clock.as_of_at
    group by edges.user_id, edges.changed_at
    having sum(edges.delta_usd) <> 0
),

levelled as (
    select
        *,
        cast(
            sum(delta_usd) over (
                partition by user_id
                order by changed_at
                rows between unbounded preceding and current row
            ) as decimal(18, 4)
        ) as mrr_after_usd,
        coalesce(
            changed_at < lag(changed_at) over user_changes
            + interval '{{ var("movement_window_minutes") }} minutes', false
        ) as is_same_movement
    from changes
    window user_changes as (partition by user_id order by changed_at)
),

final as (
    select
        user_id,
        changed_at,
        delta_usd,
        cast(mrr_after_usd - delta_usd as decimal(18, 4)) as mrr_before_usd,
        mrr_after_usd,
        sum(case when is_same_movement then 0 else 1 end) over (
            partition by user_id
            order by changed_at
            rows between unbounded preceding and current row
        ) as movement_number
    from levelled
)

select * from final
