with clock as (
    select * from {{ ref('int_clock') }}
),

signups as (
    select * from {{ ref('int_explored_members') }}
    where cohort_kind = 'signup'
),

periods as (
    select * from {{ ref('int_subscription_periods') }}
    where
        not is_test
        and not is_trial
        and {{ gave_access() }}
),

-- The ages that can fall into a period.
candidates as (
    select
        signups.cohort_month,
        signups.clock_starts_at,
        periods.period_start_at,
        periods.access_end_at,
        periods.mrr_usd,
        {{ numbers_through(
            "greatest(" ~ months_passed('signups.clock_starts_at', 'periods.period_start_at') ~ ", 0)",
            "least("
            ~ months_passed(
                'signups.clock_starts_at', 'coalesce(periods.access_end_at, clock.as_of_at)'
            )
            ~ ", signups.reached_months)"
        ) }} as age_months
    from signups
    inner join periods on signups.user_id = periods.user_id
    cross join clock
),

final as (
    select
        cohort_month,
        age_months,
        count(*) as payers,
        sum(mrr_usd) as mrr_usd
    from candidates
    where
        {{ add_months('clock_starts_at', 'age_months') }} >= period_start_at
        and coalesce({{ add_months('clock_starts_at', 'age_months') }} < access_end_at, true)
    group by cohort_month, age_months
)

select * from final
