-- The last 24 months of the MRR bridge.
select * from mrr_bridge_monthly
where movement_month < $month_until
order by movement_month desc
limit 24
