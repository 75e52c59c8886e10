-- MRR at the end of one month, and of the one before another; 0 before the first.
select
    coalesce(max(case when movement_month = cast($since as date) then closing_mrr_usd end), 0)
        as before_usd,
    coalesce(max_by(closing_mrr_usd, movement_month), 0) as after_usd
from mrr_bridge_monthly
where movement_month < $month_until
