with clock as (
    select * from {{ ref('int_clock') }}
),

recognised as (
    select
        receipt_id,
        sum(recognised_usd) as recognised_usd
    from {{ ref('int_revenue_recognised') }}
    group by receipt_id
),

schedules as (
    select * from {{ ref('int_revenue_schedules') }}
)

select
    schedules.*,
    recognised.recognised_usd
from schedules
cross join clock
left join recognised on schedules.receipt_id = recognised.receipt_id
where
    schedules.last_date < clock.as_of_date
    and coalesce(recognised.recognised_usd, 0)
    <> case when schedules.refunded_date is null then schedules.gross_usd else 0 end
    or coalesce(recognised.recognised_usd, 0) not between 0 and schedules.gross_usd
