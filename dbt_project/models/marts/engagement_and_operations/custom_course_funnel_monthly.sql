with receipts as (
    select * from {{ ref('int_receipts_judged') }}
    where verdict = 'counted' and source_table = 'custom_course_purchases'
),

purchases as (
    select * from {{ ref('stg_custom_course_purchases') }}
),

deliveries as (
    select * from {{ ref('int_course_deliveries') }}
),

courses as (
    select * from {{ ref('stg_custom_courses') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

steps as (
    select
        {{ month_start('receipts.transacted_at') }} as month,
        purchases.is_submitted,
        coalesce(courses.is_delivered, false) as is_delivered,
        not purchases.is_submitted
        and coalesce(purchases.status = 'active', false)
        and coalesce(
            coalesce(purchases.updated_at, purchases.created_at) + interval '24' hour
            <= clock.as_of_at,
            false
        ) as is_link_expired,
        case
            when courses.is_delivered
                then {{ hours_between(
                    'receipts.transacted_at', 'coalesce(deliveries.delivered_at, courses.updated_at)'
                ) }}
        end as hours_to_delivery
    from receipts
    cross join clock
    inner join purchases on receipts.source_id = purchases.custom_course_purchase_id
    left join courses on purchases.custom_course_id = courses.custom_course_id
    left join deliveries on purchases.custom_course_id = deliveries.custom_course_id
),

final as (
    select
        month,
        count(*) as purchased,
        count(case when is_submitted then 1 end) as submitted,
        count(case when is_delivered then 1 end) as delivered,
        count(case when is_link_expired then 1 end) as expired_links,
        cast(
            percentile_cont(0.5) within group (
                order by case when hours_to_delivery < 0 then 0 else hours_to_delivery end
            ) as double precision
        ) as median_hours_to_delivery
    from steps
    group by month
)

select * from final
order by month
