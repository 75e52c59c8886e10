-- MRR and customers at the end of the last day, and of the 90 before it.
select movement_date, closing_mrr_usd, closing_customers
from mrr_bridge_daily
where movement_date < $until
order by movement_date desc
limit 91
