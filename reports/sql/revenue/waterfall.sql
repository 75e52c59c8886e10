-- From what customers paid to what is left, of each of the last 24 months.
select
    revenue_month,
    sum(undiscounted_usd) as undiscounted_usd,
    -sum(discount_usd) as discount_usd,
    sum(gross_usd) as gross_usd,
    sum(refunds_usd) as refunds_usd,
    -sum(tax_usd) as tax_usd,
    -sum(store_fees_usd) as store_fees_usd,
    sum(proceeds_usd) as proceeds_usd,
    bool_and(is_complete) as is_complete
from revenue_monthly
where revenue_month < $month_until
group by revenue_month
order by revenue_month desc
limit 24
