-- One row per receipt with the offer it sold at, and the discount code behind it where known.
-- Custom audio rows name no product: there the discount redeemed on the order tells the offer.
with receipts as (
    select * from {{ ref('int_receipts_unioned') }}
),

mapped as (
    select * from {{ ref('int_discount_map') }}
),

redemptions as (
    select
        codes.receipt_id,
        codes.discount_code,
        receipts.product_key,
        receipts.store
    from {{ ref('int_receipt_redemptions') }} as codes
    inner join receipts on codes.receipt_id = receipts.receipt_id
),

redeemed as (
    select
        redemptions.receipt_id,
        mapped.offer_id,
        row_number() over (
            partition by redemptions.receipt_id
            order by mapped.store desc nulls last, mapped.offer_id asc
        ) as preference
    from redemptions
    inner join mapped
        on
            lower(redemptions.discount_code) = lower(mapped.discount_code)
            and redemptions.product_key = mapped.product_key
    where mapped.store in (redemptions.store, '')
),

-- Several codes may stand behind one offer: one that this user was handed comes before the others.
handed as (
    select
        discounts.user_id,
        codes.discount_code,
        discounts.assigned_at
    from {{ ref('stg_user_discounts') }} as discounts
    inner join {{ ref('stg_discount_codes') }} as codes
        on discounts.discount_code_id = codes.discount_code_id
),

offered as (
    select
        receipts.receipt_id,
        mapped.discount_code,
        row_number() over (
            partition by receipts.receipt_id
            order by
                handed.user_id is null,
                handed.assigned_at > receipts.transacted_at,
                mapped.store desc nulls last,
                handed.assigned_at desc nulls last,
                mapped.discount_code asc
        ) as preference
    from receipts
    inner join mapped
        on
            receipts.product_key = mapped.product_key
            and receipts.offer_id = mapped.offer_id
            and mapped.store in (receipts.store, '')
    left join handed
        on
            receipts.user_id = handed.user_id
            and lower(mapped.discount_code) = lower(handed.discount_code)
),

final as (
    select
        receipts.receipt_id,
        coalesce(
            receipts.offer_id,
            case when receipts.source_table = 'custom_course_purchases' then redeemed.offer_id end
        ) as offer_id,
        coalesce(redemptions.discount_code, offered.discount_code) as discount_code
    from receipts
    left join redemptions on receipts.receipt_id = redemptions.receipt_id
    left join redeemed on receipts.receipt_id = redeemed.receipt_id and redeemed.preference = 1
    left join offered on receipts.receipt_id = offered.receipt_id and offered.preference = 1
)

select * from final
