with retained as (
    select
        first_paid_month,
        period_number,
        sum(eligible) as eligible,
        sum(retained) as retained,
        sum(mrr_retained_usd) as mrr_usd
    from {{ ref('retention_cohorts') }}
    where axis = 'month'
    group by first_paid_month, period_number
),

cells as (
    select * from {{ ref('cohort_explorer') }}
),

first_paid as (
    select * from cells
    where cohort_kind = 'first_paid'
),

signups as (
    select
        cohort_month,
        sum(proceeds_usd) as proceeds_usd,
        max(users) as users
    from cells
    where cohort_kind = 'signup'
    group by cohort_month
),

users as (
    select
        {{ month_start('users.signed_up_at') }} as cohort_month,
        count(*) as users,
        sum(users.proceeds_to_date_usd) as proceeds_usd
    from {{ ref('dim_users') }} as users
    cross join {{ ref('int_clock') }} as clock
    where not users.is_test and users.signed_up_at <= clock.as_of_at
    group by {{ month_start('users.signed_up_at') }}
)

select
    'retention_cohorts' as mart,
    coalesce(first_paid.cohort_month, retained.first_paid_month) as cohort_month,
    coalesce(first_paid.age_months, retained.period_number) as age_months
from first_paid
full outer join retained
    on
        first_paid.cohort_month = retained.first_paid_month
        and first_paid.age_months = retained.period_number
where
    not coalesce(
        first_paid.eligible = retained.eligible
        and first_paid.payers = retained.retained
        and first_paid.mrr_usd = retained.mrr_usd,
        false
    )

union all

select
    'dim_users' as mart,
    coalesce(signups.cohort_month, users.cohort_month) as cohort_month,
    null as age_months
from signups
full outer join users on signups.cohort_month = users.cohort_month
where
    not coalesce(
        signups.users = users.users and signups.proceeds_usd = users.proceeds_usd, false
    )
