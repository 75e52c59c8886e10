with orders as (
    select * from {{ ref('int_custom_course_orders') }}
),

final as (
    select
        receipt_id,
        user_id,
        verdict = 'test' as is_test,
        course_code,
        state,
        purchased_at,
        delivered_at,
        cast(
            greatest(
                0,
                floor({{ hours_between('purchased_at', 'coalesce(delivered_at, as_of_at)') }} / 24)
            ) as bigint
        ) as waiting_days
    from orders
)

select * from final
order by purchased_at, receipt_id
