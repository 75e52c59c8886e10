-- MRR and customers at the end of the last day and of the 90 before it, then of its day a month and a year before.
-- is_recent: Whether the row is one of the last 91 days, not one that they are compared with.
with days as (
    select
        movement_date,
        closing_mrr_usd,
        closing_customers
    from mrr_bridge_daily
    where movement_date < $until
),

newest as (
    select max(movement_date) as last_date from days
)

select
    days.*,
    true as is_recent
from days
cross join newest
where days.movement_date > newest.last_date - interval 91 day
union all
select
    days.*,
    false as is_recent
from days
cross join newest
where
    days.movement_date in (newest.last_date - interval 1 month, newest.last_date - interval 1 year)
order by is_recent desc, movement_date desc
