{%- set dimensions = segment_dimensions() %}
with schedules as (
    select * from {{ ref('int_revenue_schedules') }}
    where refunded_date is null
),

clock as (
    select * from {{ ref('int_clock') }}
),

-- The month of as_of, of which only the days to come are left, and every month after it.
months as (
    select
        schedules.*,
        clock.as_of_date,
        clock.as_of_month,
        {{ numbers_through(0, months_between('clock.as_of_date', 'schedules.last_date')) }}
            as month_offset
    from schedules
    cross join clock
    where schedules.last_date > clock.as_of_date
),

closed as (
    select
        *,
        {{ month_start(add_months('as_of_month', 'month_offset')) }} as release_month,
        {{ add_days(month_start(add_months('as_of_month', 'month_offset + 1')), -1) }}
            as closing_date,
        greatest(
            as_of_date, {{ add_days(month_start(add_months('as_of_month', 'month_offset')), -1) }}
        ) as opening_date
    from months
),

released as (
    select
        closed.release_month,
        closed.product_kind,
        closed.product_key,
        {%- for name in dimensions %}
            closed.{{ name }},
        {%- endfor %}
        {{ accrued_usd('closed', 'closed.closing_date') }}
        - {{ accrued_usd('closed', 'closed.opening_date') }} as release_usd
    from closed
),

final as (
    select
        release_month,
        product_kind,
        product_key,
        {%- for name in dimensions %}
            {{ name }},
        {%- endfor %}
        cast(sum(release_usd) as decimal(18, 4)) as release_usd
    from released
    group by release_month, product_kind, product_key, {{ dimensions | join(", ") }}
    having sum(release_usd) <> 0
)

select * from final
