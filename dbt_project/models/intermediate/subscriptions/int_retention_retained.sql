with members as (
    select * from {{ ref('int_retention_members') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

periods as (
    select * from {{ ref('int_subscription_periods') }}
    where {{ was_paid() }}
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
        {{ ages_within_periods(
            'members.first_paid_at', first=1, reached='members.eligible_months'
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
    where {{ gave_access_at_age('first_paid_at', 'period_number') }}
),

final as (
    select * from renewals
    union all
    select * from months
)

select * from final
