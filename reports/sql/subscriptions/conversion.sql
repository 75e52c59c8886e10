-- Of sign-ups by month, the share that became customers within 30 days; of their trials, the share that did so
-- within 30 days of the trial's end.
-- eligible: Users of the month whose 30 days have passed: those behind the shares.
-- trial_rate: Share of the sign-ups that started a trial within 30 days.
-- paid_rate: Share of the sign-ups that paid for a subscription within 30 days.
-- purchase_rate: Share of the sign-ups that bought anything within 30 days.
-- trials: Users of the month whose first trial ended 30 days ago or more.
-- trial_conversion_rate: Share of them that paid for a subscription within 30 days of its end.
-- are_trials_settled: Whether those 30 days have passed for all of them.
select
    signup_month,
    max(users) as users,
    max(eligible) filter (where step <> 'trial_converted') as eligible,
    max(conversion_rate) filter (where step = 'trial_started') as trial_rate,
    max(conversion_rate) filter (where step = 'first_paid') as paid_rate,
    max(conversion_rate) filter (where step = 'first_purchase') as purchase_rate,
    bool_and(is_complete) filter (where step <> 'trial_converted') as is_complete,
    max(eligible) filter (where step = 'trial_converted') as trials,
    max(conversion_rate) filter (where step = 'trial_converted') as trial_conversion_rate,
    bool_and(is_complete) filter (where step = 'trial_converted') as are_trials_settled
from conversion_cohorts
where signup_month < $month_until and conversion_window = '30 d'
group by signup_month
order by signup_month desc
limit 24
