-- Of sign-ups by month, the share that became customers within 30 days and by now.
-- trial_rate: Share of the sign-ups that started a trial within 30 days.
-- paid_rate: Share of the sign-ups that paid for a subscription within 30 days.
-- purchase_rate: Share of the sign-ups that bought anything within 30 days.
select
    signup_month,
    max(users) as users,
    max(conversion_rate) filter (where step = 'trial_started' and conversion_window = '30 d') as trial_rate,
    max(conversion_rate) filter (where step = 'first_paid' and conversion_window = '30 d') as paid_rate,
    max(conversion_rate) filter (where step = 'first_purchase' and conversion_window = '30 d') as purchase_rate,
    bool_and(is_complete) filter (where conversion_window = '30 d') as is_complete
from conversion_cohorts
where signup_month < $month_until
group by signup_month
order by signup_month desc
limit 24
