with intervals as (
    select * from {{ ref('int_credit_intervals') }}
),

final as (
    select
        user_id,
        is_test,
        observed_from_at,
        observed_to_at,
        access,
        weekly_granted_credits,
        weekly_consumed_credits,
        bank_consumed_credits,
        resets_between,
        is_lower_bound,
        max_unobserved_credits,
        is_first_version,
        is_exhausted,
        is_bank_counter_fall
    from intervals
)

select * from final
order by observed_to_at, user_id
