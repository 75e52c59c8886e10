with orders as (
    select * from {{ ref('int_custom_course_orders') }}
    where verdict = 'counted'
),

clock as (
    select * from {{ ref('int_clock') }}
),

summed as (
    select
        {{ month_start('purchased_at') }} as month,
        count(*) as purchased,
        count(case when is_submitted then 1 end) as submitted,
        count(case when is_delivered then 1 end) as delivered,
        count(case when is_active and not is_submitted and is_link_over then 1 end)
            as expired_links,
        count(case when state in ('form_open', 'in_production') then 1 end) as open_orders,
        cast(
            percentile_cont(0.5) within group (
                order by {{ hours_between('purchased_at', 'delivered_at') }}
            ) as {{ type_double() }}
        ) as median_hours_to_delivery
    from orders
    group by {{ month_start('purchased_at') }}
),

final as (
    select
        summed.month,
        summed.purchased,
        summed.submitted,
        summed.delivered,
        summed.expired_links,
        summed.median_hours_to_delivery,
        {{ is_complete('summed.month', 'month') }} and summed.open_orders = 0 as is_complete
    from summed
    cross join clock
)

select * from final
order by month
