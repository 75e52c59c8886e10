-- One row per receipt whose order number a user's discount names as the one it was redeemed on.
with receipts as (
    select
        receipt_id,
        user_id,
        lower(order_id) as order_number,
        transacted_at
    from {{ ref('int_receipts_unioned') }}
    where order_id is not null
),

discounts as (
    select
        discounts.user_id,
        lower(discounts.purchase_id) as order_number,
        codes.discount_code,
        discounts.assigned_at
    from {{ ref('stg_user_discounts') }} as discounts
    inner join {{ ref('stg_discount_codes') }} as codes
        on discounts.discount_code_id = codes.discount_code_id
    where discounts.purchase_id is not null and codes.discount_code is not null
),

ranked as (
    select
        receipts.receipt_id,
        discounts.discount_code,
        row_number() over (
            partition by receipts.receipt_id
            order by discounts.assigned_at desc nulls last, discounts.discount_code asc
        ) as preference
    from receipts
    inner join discounts
        on receipts.user_id = discounts.user_id and receipts.order_number = discounts.order_number
),

final as (
    select
        receipt_id,
        discount_code
    from ranked
    where preference = 1
)

select * from final
