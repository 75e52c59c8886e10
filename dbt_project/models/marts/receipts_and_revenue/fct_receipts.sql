with receipts as (
    select * from {{ ref('int_receipts_judged') }}
),

fees as (
    select * from {{ ref('int_receipt_fees') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

final as (
    select
        receipts.receipt_id,
        receipts.source_table,
        receipts.source_id,
        receipts.user_id,
        receipts.is_test,
        {{ user_dimensions('users', 'receipts.transacted_at') }},
        {{ user_cohorts('users', 'receipts.transacted_at') }},
        receipts.store,
        receipts.product_key,
        receipts.product_kind,
        receipts.billing_months,
        receipts.credits as pack_credits,
        receipts.order_id,
        receipts.token_hash,
        receipts.transacted_at,
        receipts.created_at,
        receipts.status,
        receipts.offer_id,
        receipts.discount_code,
        receipts.verdict,
        receipts.duplicate_of,
        receipts.list_price_usd,
        receipts.paid_usd,
        receipts.price_basis,
        receipts.discount_usd,
        cast(receipts.list_price_usd - receipts.paid_usd - receipts.discount_usd as decimal(18, 4))
            as price_difference_usd,
        receipts.quantity,
        fees.tax_usd,
        cast(fees.store_fee_rate as {{ type_double() }}) as store_fee_rate,
        fees.store_fee_usd,
        coalesce(fees.is_fee_assumed, false) as is_fee_assumed,
        fees.proceeds_usd,
        receipts.refunded_at,
        receipts.source_deleted_at,
        receipts.is_trial,
        receipts.time_fault,
        receipts.price_fault,
        receipts.is_restored_without_sale
    from receipts
    left join fees on receipts.receipt_id = fees.receipt_id
    left join users on {{ holds_at('users', 'receipts.user_id', 'receipts.transacted_at') }}
)

select * from final
