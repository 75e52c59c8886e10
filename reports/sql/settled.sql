-- The last month that is final in the MRR bridge.
select max(movement_month) as last_month
from mrr_bridge_monthly
where is_complete and movement_month < $month_until
