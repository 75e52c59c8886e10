-- Customers lost by month, by whether they chose to leave.
select
    date_trunc('month', m.movement_date)::date as movement_month, m.churn_reason,
    count(*) as customers, any_value(b.is_complete) as is_complete
from fct_mrr_movements as m
join mrr_bridge_monthly as b on b.movement_month = date_trunc('month', m.movement_date)::date
where m.movement_type = 'churn' and m.movement_date < $until
    and m.movement_date >= cast($until as date) - interval 24 month
group by all
order by 1, 2
