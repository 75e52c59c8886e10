-- Refunds by the month in which they were booked, and the share of the month's sales refunded by now.
select
    revenue_month,
    product_kind,
    charges,
    refunds,
    refunds_usd,
    refund_rate,
    is_complete
from revenue_monthly
where revenue_month < $month_until
order by revenue_month desc, product_kind
limit 96
