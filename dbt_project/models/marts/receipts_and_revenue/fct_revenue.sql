with counted as (
    select * from {{ ref('fct_receipts') }}
    where verdict = 'counted'
),

charges as (
    select
        receipt_id || ':charge' as entry_id,
        receipt_id,
        'charge' as entry_type,
        transacted_at as booked_at,
        user_id,
        product_key,
        product_kind,
        store,
        billing_months,
        paid_usd as gross_usd,
        cast(coalesce(discount_usd, 0) as decimal(18, 4)) as discount_usd,
        tax_usd,
        store_fee_usd,
        proceeds_usd
    from counted
),

refunds as (
    select
        receipt_id || ':refund' as entry_id,
        receipt_id,
        'refund' as entry_type,
        refunded_at as booked_at,
        user_id,
        product_key,
        product_kind,
        store,
        billing_months,
        cast(-paid_usd as decimal(18, 4)) as gross_usd,
        cast(0 as decimal(18, 4)) as discount_usd,
        cast(-tax_usd as decimal(18, 4)) as tax_usd,
        cast(-store_fee_usd as decimal(18, 4)) as store_fee_usd,
        cast(-proceeds_usd as decimal(18, 4)) as proceeds_usd
    from counted
    where refunded_at is not null
),

final as (
    select * from charges
    union all
    select * from refunds
)

select * from final
