-- What a user of each sign-up month is worth, so far and to come.
select
    signup_month,
    window_days,
    users,
    payers,
    mature_users,
    ltv_per_user_usd,
    ltv_per_payer_usd,
    predicted_ltv_usd,
    is_complete
from customer_ltv_monthly
where signup_month < $month_until
order by signup_month desc, window_days
limit 120
