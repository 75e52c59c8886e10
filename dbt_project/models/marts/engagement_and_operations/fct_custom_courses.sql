with orders as (
    select * from {{ ref('int_custom_course_orders') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

final as (
    select
        orders.receipt_id,
        orders.user_id,
        orders.verdict = 'test' as is_test,
        {{ user_dimensions('users', 'orders.purchased_at') }},
        orders.product_key,
        orders.store,
        coalesce(orders.offer_id, 'none') as offer_id,
        orders.course_code,
        orders.state,
        orders.purchased_at,
        orders.delivered_at,
        cast(
            greatest(
                0,
                floor({{ hours_between('purchased_at', 'coalesce(delivered_at, as_of_at)') }} / 24)
            ) as bigint
        ) as waiting_days
    from orders
    left join users on {{ holds_at('users', 'orders.user_id', 'orders.purchased_at') }}
)

select * from final
order by purchased_at, receipt_id
