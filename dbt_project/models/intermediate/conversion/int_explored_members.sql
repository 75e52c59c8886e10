with clock as (
    select * from {{ ref('int_clock') }}
),

signups as (
    select
        users.user_id,
        users.signed_up_at
    from {{ ref('stg_user_profile') }} as users
    cross join clock
    where not users.is_test and users.signed_up_at <= clock.as_of_at
),

final as (
    select
        'signup' as cohort_kind,
        signups.user_id,
        {{ month_start('signups.signed_up_at') }} as cohort_month,
        signups.signed_up_at as clock_starts_at,
        {{ months_passed('signups.signed_up_at', 'clock.as_of_at') }} as reached_months
    from signups
    cross join clock

    union all

    select
        'first_paid' as cohort_kind,
        user_id,
        first_paid_month as cohort_month,
        first_paid_at as clock_starts_at,
        eligible_months as reached_months
    from {{ ref('int_retention_members') }}
)

select * from final
