-- One row per period: the days of paid service that its user already had in the same store, for the
-- store's fee. Pauses of up to 60 days keep the count, a longer one starts it anew; trials count
-- nothing.
with periods as (
    select * from {{ ref('int_subscription_periods') }}
),

-- A period's own service is the time between its start and its effective end.
served as (
    select
        subscription_event_id,
        user_id,
        store,
        opening_number,
        period_start_at,
        case
            when is_trial then 0 else {{ seconds_between('period_start_at', 'effective_end_at') }}
        end as paid_seconds,
        max(case when not is_trial then effective_end_at end) over (
            partition by user_id, store
            order by opening_number
            rows between unbounded preceding and 1 preceding
        ) as paid_until_at
    from periods
),

runs as (
    select
        *,
        sum(case when period_start_at <= paid_until_at + interval '60 days' then 0 else 1 end)
            over (
                partition by user_id, store
                order by opening_number
                rows between unbounded preceding and current row
            ) as run_number
    from served
),

final as (
    select
        subscription_event_id as source_event_id,
        cast(
            {{ whole_quotient('coalesce(sum(paid_seconds) over earlier, 0)', '86400') }} as bigint
        ) as paid_days_before
    from runs
    window earlier as (
        partition by user_id, store, run_number
        order by opening_number
        rows between unbounded preceding and 1 preceding
    )
)

select * from final
