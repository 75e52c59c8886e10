with clock as (
    select * from {{ ref('int_clock') }}
),

signups as (
    select * from {{ ref('int_explored_members') }}
    where cohort_kind = 'signup'
),

periods as (
    select * from {{ ref('int_subscription_periods') }}
    where {{ was_paid() }}
),

-- The ages that can fall into a period.
candidates as (
    select
        signups.cohort_month,
        signups.clock_starts_at,
        periods.period_start_at,
        periods.access_end_at,
        periods.mrr_usd,
        {{ ages_within_periods(
            'signups.clock_starts_at', first=0, reached='signups.reached_months'
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
    where {{ gave_access_at_age('clock_starts_at', 'age_months') }}
    group by cohort_month, age_months
)

select * from final
