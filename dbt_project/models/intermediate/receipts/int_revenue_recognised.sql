-- One row per counted receipt but packs and month that changes what is recognised of it. The
-- running total at the end of a month, or at as_of, is rounded; a month is the difference of two
-- totals, so that the whole is exact.
with schedules as (
    select * from {{ ref('int_revenue_schedules') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

months as (
    select
        schedules.receipt_id,
        schedules.product_kind,
        schedules.gross_usd,
        schedules.booked_date,
        schedules.refunded_date,
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

totals as (
    select
        receipt_id,
        product_kind,
        recognition_month,
        case
            when
                refunded_date <= closing_date or booked_date > closing_date
                then cast(0 as decimal(18, 4))
            when cut_date <= closing_date or span_days = 0 then gross_usd
            else {{ usd_share(
                'gross_usd', 'least(greatest(closing_date - start_date + 1, 0), span_days)', 'span_days'
            ) }}
        end as total_usd
    from closed
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
