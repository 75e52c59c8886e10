-- From opening to closing MRR, of each of the last 24 months.
select
    movement_month,
    opening_mrr_usd,
    new_usd,
    reactivation_usd,
    expansion_usd,
    contraction_usd,
    churn_usd,
    closing_mrr_usd,
    is_complete
from mrr_bridge_monthly
where movement_month < $month_until
order by movement_month desc
limit 24
