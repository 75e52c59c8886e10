with intervals as (
    select * from {{ ref('int_credit_intervals') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

final as (
    select
        intervals.user_id,
        intervals.is_test,
        {{ user_dimensions('users', 'intervals.observed_to_at') }},
        intervals.observed_from_at,
        intervals.observed_to_at,
        intervals.access,
        intervals.weekly_granted_credits,
        intervals.weekly_consumed_credits,
        intervals.bank_consumed_credits,
        intervals.resets_between,
        intervals.is_lower_bound,
        intervals.max_unobserved_credits,
        intervals.is_first_version,
        intervals.is_exhausted,
        intervals.is_bank_counter_fall
    from intervals
    left join users on {{ holds_at('users', 'intervals.user_id', 'intervals.observed_to_at') }}
)

select * from final
order by observed_to_at, user_id
