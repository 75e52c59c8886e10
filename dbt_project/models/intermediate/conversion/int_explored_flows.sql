with members as (
    select * from {{ ref('int_explored_members') }}
),

flows as (
    select
        user_id,
        booked_at as happened_at,
        proceeds_usd,
        0 as plays,
        0 as bank_consumed_credits
    from {{ ref('int_revenue_entries') }}
    union all
    select
        user_id,
        cast(observed_date as timestamp) as happened_at,
        0 as proceeds_usd,
        plays,
        0 as bank_consumed_credits
    from {{ ref('int_plays_counted') }}
    where not is_first_version
    union all
    select
        user_id,
        observed_to_at as happened_at,
        0 as proceeds_usd,
        0 as plays,
        bank_consumed_credits
    from {{ ref('int_credit_intervals') }}
    where observed_from_at is not null
),

aged as (
    select
        members.cohort_kind,
        members.cohort_month,
        greatest({{ months_passed('members.clock_starts_at', 'flows.happened_at') }}, 0)
            as age_months,
        flows.proceeds_usd,
        flows.plays,
        flows.bank_consumed_credits
    from members
    inner join flows on members.user_id = flows.user_id
),

final as (
    select
        cohort_kind,
        cohort_month,
        age_months,
        sum(proceeds_usd) as proceeds_usd,
        sum(plays) as plays,
        sum(bank_consumed_credits) as bank_consumed_credits
    from aged
    group by cohort_kind, cohort_month, age_months
)

select * from final
