-- From opening to closing MRR, of the last complete month.
select
    movement_month, opening_mrr_usd, new_usd, reactivation_usd, expansion_usd, contraction_usd, churn_usd,
    closing_mrr_usd
from mrr_bridge_monthly
where movement_month < $until and is_complete
order by movement_month desc
limit 1
