-- The last 24 months of revenue over all kinds of product.
select
    revenue_month,
    sum(net_usd) as net_usd,
    sum(proceeds_usd) as proceeds_usd,
    bool_and(is_complete) as is_complete
from revenue_monthly
where revenue_month < $month_until
group by revenue_month
order by revenue_month desc
limit 24
