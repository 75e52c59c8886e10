-- MRR and customers at the end of the last day, of the 90 before it, and of its day a month and a year before.
-- is_recent: Whether the day is one of the last 91.
-- is_compared: Whether the day is the last one's a month or a year before.
with newest as (
    select max(movement_date) as last_date
    from mrr_bridge_daily
    where movement_date < $until
)

select
    d.movement_date, d.closing_mrr_usd, d.closing_customers,
    d.movement_date > n.last_date - interval 91 day as is_recent,
    d.movement_date in (n.last_date - interval 1 month, n.last_date - interval 1 year) as is_compared
from mrr_bridge_daily as d
cross join newest as n
where d.movement_date <= n.last_date and (is_recent or is_compared)
order by d.movement_date desc
