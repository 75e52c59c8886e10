with countries as (
    select
        signup_month,
        sum(referred_users) as referred_users,
        sum(referred_premium) as referred_premium,
        sum(organic_users) as organic_users,
        sum(organic_premium) as organic_premium
    from {{ ref('referral_comparison_monthly') }}
    group by signup_month
)

select
    months.signup_month,
    months.referred_users,
    months.organic_users
from {{ ref('referral_performance_monthly') }} as months
left join countries on months.signup_month = countries.signup_month
where
    months.referred_users <> coalesce(countries.referred_users, 0)
    or months.referred_premium <> coalesce(countries.referred_premium, 0)
    or months.organic_users <> coalesce(countries.organic_users, 0)
    or months.organic_premium <> coalesce(countries.organic_premium, 0)
