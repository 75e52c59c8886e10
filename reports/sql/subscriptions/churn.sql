-- Customers lost by month, by whether they chose to leave.
-- movement_month: Month in which the customer was lost.
-- customers: Customers who left, once for each time.
-- is_complete: Whether the month is final.
select
    date_trunc('month', m.movement_date)::date as movement_month,
    m.churn_reason,
    count(*) as customers,
    any_value(b.is_complete) as is_complete
from fct_mrr_movements as m
inner join mrr_bridge_monthly as b on b.movement_month = date_trunc('month', m.movement_date)::date
where
    m.movement_type = 'churn' and m.movement_date < $month_until
    and m.movement_date >= cast($month_until as date) - interval 24 month
group by all
order by 1, 2
