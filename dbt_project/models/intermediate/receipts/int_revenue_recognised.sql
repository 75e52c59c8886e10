-- One row per counted receipt but packs and month that changes what is recognised of it. The
-- running total at the end of a month, or at as_of, is rounded; a month is the difference of two
-- totals, so that the whole is exact.
with schedules as (
    select * from {{ ref('int_revenue_schedules') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

changes as (
    select * from {{ ref('int_receipt_refund_changes') }}
),

months as (
    select
        schedules.receipt_id,
        schedules.product_kind,
        schedules.gross_usd,
        schedules.booked_date,
        schedules.start_date,
        schedules.cut_date,
        schedules.span_days,
        clock.as_of_date,
        {{ numbers_through(
            0, months_between('schedules.booked_date', 'least(schedules.last_date, clock.as_of_date)')
        ) }}
            as month_offset
    from schedules
    cross join clock
),

-- The last day that counts in the month.
closed as (
    select
        *,
        {{ month_start(add_months('booked_date', 'month_offset')) }} as recognition_month,
        least(
            {{ add_days(month_start(add_months('booked_date', 'month_offset + 1')), -1) }},
            as_of_date
        ) as closing_date
    from months
),

-- Refund and reversal take turns: one refund more than reversals is a refunded receipt.
refunded as (
    select
        closed.receipt_id,
        closed.recognition_month
    from closed
    inner join changes on closed.receipt_id = changes.receipt_id
    where cast(changes.changed_at as date) <= closed.closing_date
    group by closed.receipt_id, closed.recognition_month
    having sum(case changes.entry_type when 'refund' then 1 else -1 end) = 1
),

totals as (
    select
        closed.receipt_id,
        closed.product_kind,
        closed.recognition_month,
        case
            when refunded.receipt_id is not null then cast(0 as decimal(18, 4))
            else {{ accrued_usd('closed', 'closed.closing_date') }}
        end as total_usd
    from closed
    left join refunded
        on
            closed.receipt_id = refunded.receipt_id
            and closed.recognition_month = refunded.recognition_month
),

final as (
    select
        receipt_id,
        product_kind,
        recognition_month,
        cast(
            total_usd - coalesce(
                lag(total_usd) over (partition by receipt_id order by recognition_month), 0
            ) as decimal(18, 4)
        ) as recognised_usd
    from totals
)

select * from final
