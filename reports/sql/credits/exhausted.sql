-- How far allowances are used up, by week and access.
select
    week_start_date,
    access,
    users,
    active_users,
    exhausted_users,
    utilisation_rate,
    is_complete
from credit_consumption_weekly
where week_start_date < $until and is_observed
order by week_start_date desc, access
limit 104
