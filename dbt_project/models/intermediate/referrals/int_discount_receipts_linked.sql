-- One row per used discount whose receipt is known: by the order number that the app kept, else by
-- a product and offer that realises the code (seed discount_map), bought by the user within
-- the discount's time. A receipt serves one discount and a discount one receipt: counted
-- receipts before others, order numbers before offers, then the nearest in time to the use.
with assignments as (
    select * from {{ ref('int_discounts_assigned') }}
    where is_used
),

receipts as (
    select
        *,
        lower(order_id) as order_key
    from {{ ref('int_receipts_judged') }}
),

discount_map as (
    select * from {{ ref('int_discount_map') }}
),

by_order as (
    select
        assignments.user_discount_id,
        receipts.receipt_id,
        'order' as linked_by,
        receipts.verdict,
        receipts.transacted_at,
        assignments.used_at
    from assignments
    inner join receipts
        on
            assignments.user_id = receipts.user_id
            and assignments.order_key = receipts.order_key
),

by_offer as (
    select distinct
        assignments.user_discount_id,
        receipts.receipt_id,
        'offer' as linked_by,
        receipts.verdict,
        receipts.transacted_at,
        assignments.used_at
    from assignments
    inner join discount_map on assignments.code_key = discount_map.code_key
    inner join receipts
        on
            assignments.user_id = receipts.user_id
            and discount_map.product_key = receipts.product_key
            and discount_map.offer_id = receipts.offer_id
            and discount_map.store in (receipts.store, '')
            and assignments.assigned_at <= receipts.transacted_at
            and assignments.expires_at > receipts.transacted_at
    where
        assignments.user_discount_id not in (select by_order.user_discount_id from by_order)
        and receipts.receipt_id not in (select by_order.receipt_id from by_order)
),

candidates as (
    select * from by_order
    union all
    select * from by_offer
),

preferred as (
    select
        *,
        row_number() over (
            partition by user_discount_id
            order by
                case verdict when 'counted' then 0 when 'unpriced' then 1 else 2 end,
                abs({{ seconds_between('transacted_at', 'used_at') }}),
                transacted_at,
                receipt_id
        ) as place
    from candidates
),

claimed as (
    select
        *,
        row_number() over (
            partition by receipt_id
            order by abs({{ seconds_between('transacted_at', 'used_at') }}), user_discount_id
        ) as claim
    from preferred
    where place = 1
),

final as (
    select
        user_discount_id,
        receipt_id,
        linked_by
    from claimed
    where claim = 1
)

select * from final
