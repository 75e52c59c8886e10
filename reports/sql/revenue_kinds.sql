-- The last 24 months of revenue by kind of product.
select
    revenue_month,
    product_kind,
    net_usd,
    proceeds_usd,
    is_complete
from revenue_monthly
where
    revenue_month < $month_until
    and revenue_month
    >= (
        select max(revenue_month) from revenue_monthly
        where revenue_month < $month_until
    )
    - interval 23 month
order by revenue_month, product_kind
