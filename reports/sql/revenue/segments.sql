-- Net revenue of the last 24 months by the segments of one dimension.
select
    revenue_month,
    segment,
    net_usd,
    proceeds_usd,
    is_complete
from revenue_by_segment_monthly
where
    dimension = $dimension and revenue_month < $month_until
    and revenue_month
    >= (
        select max(revenue_month) from revenue_by_segment_monthly
        where revenue_month < $month_until
    )
    - interval 23 month
order by revenue_month, segment
