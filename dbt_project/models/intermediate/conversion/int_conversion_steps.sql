with clock as (
    select * from {{ ref('int_clock') }}
),

users as (
    select
        users.user_id,
        users.signed_up_at,
        {{ month_start('users.signed_up_at') }} as signup_month,
        payments.first_premium_at,
        payments.first_purchase_at
    from {{ ref('stg_user_profile') }} as users
    left join {{ ref('int_user_payments_summed') }} as payments on users.user_id = payments.user_id
    cross join clock
    where not users.is_test and users.signed_up_at <= clock.as_of_at
),

trials as (
    select * from {{ ref('int_trials') }}
    where trial_number = 1
),

premium as (
    select periods.*
    from {{ ref('int_subscription_periods') }} as periods
    cross join clock
    where
        not periods.is_trial
        and periods.price_usd > 0
        and periods.period_start_at <= clock.as_of_at
),

conversions as (
    select
        trials.user_id,
        min(premium.period_start_at) as converted_at
    from trials
    inner join premium
        on
            trials.user_id = premium.user_id
            and trials.started_at <= premium.period_start_at
    group by trials.user_id
),

final as (
    select
        users.user_id,
        users.signup_month,
        'trial_started' as step,
        users.signed_up_at as clock_starts_at,
        trials.started_at as taken_at
    from users
    left join trials on users.user_id = trials.user_id

    union all

    select
        user_id,
        signup_month,
        'first_paid' as step,
        signed_up_at as clock_starts_at,
        first_premium_at as taken_at
    from users

    union all

    select
        user_id,
        signup_month,
        'first_purchase' as step,
        signed_up_at as clock_starts_at,
        first_purchase_at as taken_at
    from users

    union all

    select
        users.user_id,
        users.signup_month,
        'trial_converted' as step,
        trials.planned_end_at as clock_starts_at,
        conversions.converted_at as taken_at
    from users
    inner join trials on users.user_id = trials.user_id
    left join conversions on users.user_id = conversions.user_id
)

select * from final
