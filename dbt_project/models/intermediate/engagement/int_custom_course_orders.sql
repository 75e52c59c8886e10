-- Sales of made-to-order courses and how far each has come. The link to the form is open for 24
-- hours after the purchase row's last change; a form that was sent makes the audio within hours.
with receipts as (
    select * from {{ ref('int_receipts_judged') }}
    where
        source_table = 'custom_course_purchases'
        and verdict in ('counted', 'unpriced', 'test')
),

purchases as (
    select
        *,
        coalesce(updated_at, created_at) as changed_at,
        coalesce(status = 'active', false) as is_active
    from {{ ref('stg_custom_course_purchases') }}
),

courses as (
    select * from {{ ref('stg_custom_courses') }}
),

deliveries as (
    select * from {{ ref('int_course_deliveries') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

joined as (
    select
        receipts.receipt_id,
        receipts.user_id,
        receipts.verdict,
        receipts.product_key,
        receipts.store,
        receipts.offer_id,
        receipts.transacted_at as purchased_at,
        courses.course_code,
        purchases.is_submitted,
        purchases.is_active,
        coalesce(courses.is_delivered, false) as is_delivered,
        coalesce(
            {{ days_later('purchases.changed_at', 1) }} <= clock.as_of_at, false
        ) as is_link_over,
        coalesce(
            {{ days_later('purchases.changed_at', 7) }} <= clock.as_of_at, false
        ) as is_making_over,
        case
            when courses.is_delivered
                then
                    greatest(
                        coalesce(deliveries.delivered_at, courses.updated_at),
                        receipts.transacted_at
                    )
        end as delivered_at,
        clock.as_of_at
    from receipts
    cross join clock
    inner join purchases on receipts.source_id = purchases.custom_course_purchase_id
    left join courses on purchases.custom_course_id = courses.custom_course_id
    left join deliveries on purchases.custom_course_id = deliveries.custom_course_id
),

final as (
    select
        *,
        case
            when is_delivered then 'delivered'
            when is_submitted and is_active and not is_making_over then 'in_production'
            when is_submitted then 'failed'
            when is_active and not is_link_over then 'form_open'
            else 'form_expired'
        end as state
    from joined
)

select * from final
