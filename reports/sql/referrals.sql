-- The last 24 sign-up months: recruits per user, and who became premium.
select
    signup_month,
    users,
    k_factor,
    referral_window_days,
    referred_conversion_rate,
    organic_conversion_rate,
    is_complete
from referral_performance_monthly
where signup_month < $month_until
order by signup_month desc
limit 24
