-- The segments of each dimension by their net revenue over all months, the largest first.
select
    dimension,
    segment
from revenue_by_segment_monthly
group by dimension, segment
order by dimension, sum(net_usd) desc nulls last, segment
