-- Referral credits outstanding at the end of each month.
select
    month,
    earned_usd,
    used_usd,
    expired_usd,
    outstanding_usd,
    is_complete
from referral_credit_balance_monthly
where month < $month_until
order by month desc
limit 24
