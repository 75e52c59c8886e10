-- What is deferred now, by the month in which it will be earned.
select
    release_month,
    product_kind,
    sum(release_usd) as release_usd
from deferred_revenue_schedule
group by release_month, product_kind
order by release_month, product_kind
