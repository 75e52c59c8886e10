with members as (
    select * from {{ ref('int_retention_members') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

periods as (
    select * from {{ ref('int_subscription_periods') }}
    where
        not is_test
        and not is_trial
        and {{ gave_access() }}
),

renewals as (
    select
        user_id,
        first_paid_month,
        billing_months,
        'renewal' as axis,
        renewal_number as period_number,
        mrr_usd
    from {{ ref('int_retention_renewals') }}
    where renewal_number <= eligible_renewals
),

-- The months, by the member's own clock, that can fall into a period.
candidates as (
    select
        members.user_id,
        members.first_paid_month,
        members.billing_months,
        members.first_paid_at,
        periods.period_start_at,
        periods.access_end_at,
        periods.mrr_usd,
        {{ numbers_through(
            "greatest(" ~ months_passed('members.first_paid_at', 'periods.period_start_at') ~ ", 1)",
            "least("
            ~ months_passed('members.first_paid_at', 'coalesce(periods.access_end_at, clock.as_of_at)')
            ~ ", members.eligible_months)"
        ) }} as period_number
    from members
    inner join periods on members.user_id = periods.user_id
    cross join clock
),

months as (
    select
        user_id,
        first_paid_month,
        billing_months,
        'month' as axis,
        period_number,
        mrr_usd
    from candidates
    where
        {{ add_months('first_paid_at', 'period_number') }} >= period_start_at
        and coalesce({{ add_months('first_paid_at', 'period_number') }} < access_end_at, true)
),

final as (
    select * from renewals
    union all
    select * from months
)

select * from final
