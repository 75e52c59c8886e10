-- From what customers paid to what is left, of the last complete month.
select
    revenue_month, sum(undiscounted_usd) as undiscounted_usd, -sum(discount_usd) as discount_usd,
    sum(gross_usd) as gross_usd, sum(refunds_usd) as refunds_usd, -sum(tax_usd) as tax_usd,
    -sum(store_fees_usd) as store_fees_usd, sum(proceeds_usd) as proceeds_usd
from revenue_monthly
where revenue_month < $until
group by revenue_month
having bool_and(is_complete)
order by revenue_month desc
limit 1
