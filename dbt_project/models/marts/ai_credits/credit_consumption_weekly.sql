with consumption as (
    select * from {{ ref('fct_credit_consumption') }}
    where not is_test and not is_first_version
),

clock as (
    select * from {{ ref('int_clock') }}
),

dated as (
    select
        consumption.*,
        cast(date_trunc('week', consumption.observed_to_at) as date) as week_start_date,
        {{ is_observed("date_trunc('week', consumption.observed_to_at)") }} as is_observed,
        {{ is_complete("date_trunc('week', consumption.observed_to_at)", 'week') }} as is_complete
    from consumption
    cross join clock
),

summed as (
    select
        week_start_date,
        access,
        is_observed,
        is_complete,
        count(distinct user_id) as users,
        count(
            distinct case when weekly_consumed_credits + bank_consumed_credits > 0 then user_id end
        ) as active_users,
        sum(weekly_granted_credits) as granted_credits,
        sum(weekly_consumed_credits) as weekly_consumed_credits,
        sum(bank_consumed_credits) as bank_consumed_credits,
        count(distinct case when is_exhausted then user_id end) as exhausted_users,
        count(distinct case when bank_consumed_credits > 0 then user_id end) as bank_users,
        max(case when is_lower_bound then 1 else 0 end) = 1 as is_lower_bound,
        sum(max_unobserved_credits) as max_unobserved_credits
    from dated
    group by week_start_date, access, is_observed, is_complete
),

final as (
    select
        week_start_date,
        access,
        users,
        active_users,
        cast(granted_credits as bigint) as granted_credits,
        cast(weekly_consumed_credits as bigint) as weekly_consumed_credits,
        cast(bank_consumed_credits as bigint) as bank_consumed_credits,
        case
            when granted_credits > 0
                then least({{ ratio('weekly_consumed_credits', 'granted_credits') }}, 1.0)
        end as utilisation_rate,
        exhausted_users,
        is_lower_bound,
        is_observed,
        is_complete,
        {{ ratio('weekly_consumed_credits', 'greatest(granted_credits, 0)') }}
            as consumed_to_granted_ratio,
        {{ ratio('bank_consumed_credits', 'weekly_consumed_credits + bank_consumed_credits') }}
            as bank_dependence_rate,
        bank_users,
        cast(max_unobserved_credits as bigint) as max_unobserved_credits
    from summed
)

select * from final
order by week_start_date, access
