with clock as (
    select * from {{ ref('int_clock') }}
),

attributes as (
    select * from {{ ref('int_user_attributes') }}
),

users as (
    select
        users.*,
        {{ month_start('users.signed_up_at') }} as signup_month,
        attributes.country as signup_country
    from {{ ref('dim_users') }} as users
    cross join clock
    left join attributes on {{ holds_at('attributes', 'users.user_id', 'users.signed_up_at') }}
    where not users.is_test and users.signed_up_at <= clock.as_of_at
),

referrals as (
    select * from {{ ref('fct_referrals') }}
    where not is_test
),

-- A user referred by a tester is on neither side.
sided as (
    select
        users.signup_month,
        users.signed_up_at,
        users.signup_country as country,
        referrals.referred_user_id is not null as is_referred,
        users.first_premium_at,
        users.proceeds_to_date_usd
    from users
    left join referrals on users.user_id = referrals.referred_user_id
    where referrals.referred_user_id is not null or users.referrer_kind is null
),

counted as (
    select
        signup_month,
        country,
        max(signed_up_at) as last_signed_up_at,
        count(case when is_referred then 1 end) as referred_users,
        count(case when is_referred then first_premium_at end) as referred_premium,
        sum(case when is_referred then proceeds_to_date_usd else 0 end) as referred_usd,
        count(case when not is_referred then 1 end) as organic_users,
        count(case when not is_referred then first_premium_at end) as organic_premium,
        sum(case when is_referred then 0 else proceeds_to_date_usd end) as organic_usd
    from sided
    group by signup_month, country
),

completed as (
    select
        counted.*,
        {{ is_complete('counted.signup_month', 'month') }}
        and {{ days_later('counted.last_signed_up_at', var('referral_window_days')) }}
        <= clock.as_of_at as is_complete
    from counted
    cross join clock
),

rated as (
    select
        *,
        {{ ratio('referred_premium', 'referred_users') }} as referred_conversion_rate,
        {{ wilson_low('referred_premium', 'referred_users') }} as referred_conversion_rate_low,
        {{ wilson_high('referred_premium', 'referred_users') }} as referred_conversion_rate_high,
        {{ ratio('organic_premium', 'organic_users') }} as organic_conversion_rate,
        {{ wilson_low('organic_premium', 'organic_users') }} as organic_conversion_rate_low,
        {{ wilson_high('organic_premium', 'organic_users') }} as organic_conversion_rate_high
    from completed
),

final as (
    select
        signup_month,
        country,
        referred_users,
        referred_premium,
        referred_conversion_rate,
        referred_conversion_rate_low,
        referred_conversion_rate_high,
        {{ usd_share('referred_usd', '1', 'referred_users') }} as referred_proceeds_per_user_usd,
        organic_users,
        organic_premium,
        organic_conversion_rate,
        organic_conversion_rate_low,
        organic_conversion_rate_high,
        {{ usd_share('organic_usd', '1', 'organic_users') }} as organic_proceeds_per_user_usd,
        referred_conversion_rate - organic_conversion_rate as conversion_difference,
        {{ newcombe_low('referred_conversion_rate', 'organic_conversion_rate') }}
            as conversion_difference_low,
        {{ newcombe_high('referred_conversion_rate', 'organic_conversion_rate') }}
            as conversion_difference_high,
        is_complete
    from rated
)

select * from final
order by signup_month, country
