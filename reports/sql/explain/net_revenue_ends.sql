-- Net revenue of one month, and of the one before another.
select
    coalesce(sum(net_usd) filter (where revenue_month = cast($since as date)), 0) as before_usd,
    coalesce(
        sum(net_usd) filter (where revenue_month + interval '1 month' = cast($month_until as date)),
        0
    ) as after_usd
from revenue_monthly
