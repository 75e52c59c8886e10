select *
from (
    select
        user_id,
        period_id,
        period_start_at,
        max(effective_end_at) over (
            partition by user_id
            order by period_start_at, effective_end_at, period_id
            rows between unbounded preceding and 1 preceding
        ) as covered_until_at
    from {{ ref('fct_subscription_periods') }}
    where effective_end_at > period_start_at
) as ordered
where covered_until_at > period_start_at
