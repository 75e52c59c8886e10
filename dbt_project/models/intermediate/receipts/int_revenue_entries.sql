-- One row per charge, refund and refund reversal of a counted receipt; a refund is below 0.
with charges as (
    select
        judged.receipt_id,
        judged.user_id,
        judged.product_key,
        judged.product_kind,
        judged.store,
        judged.billing_months,
        judged.offer_id,
        judged.transacted_at,
        judged.paid_usd,
        judged.discount_usd,
        fees.tax_usd,
        fees.store_fee_usd,
        fees.proceeds_usd
    from {{ ref('int_receipts_judged') }} as judged
    inner join {{ ref('int_receipt_fees') }} as fees on judged.receipt_id = fees.receipt_id
    where judged.verdict = 'counted'
),

changes as (
    select * from {{ ref('int_receipt_refund_changes') }}
),

refunds as (
    select
        charges.*,
        charges.receipt_id || ':' || changes.entry_type || ':' || changes.change_number as entry_id,
        changes.entry_type,
        changes.changed_at as booked_at,
        case changes.entry_type when 'refund' then -1 else 1 end as factor
    from charges
    inner join changes on charges.receipt_id = changes.receipt_id
),

entries as (
    select
        *,
        receipt_id || ':charge' as entry_id,
        'charge' as entry_type,
        transacted_at as booked_at,
        1 as factor
    from charges
    union all
    select * from refunds
),

final as (
    select
        entry_id,
        receipt_id,
        entry_type,
        booked_at,
        user_id,
        product_key,
        product_kind,
        store,
        billing_months,
        coalesce(offer_id, 'none') as offer_id,
        cast(factor * paid_usd as decimal(18, 4)) as gross_usd,
        cast(
            case entry_type when 'charge' then coalesce(discount_usd, 0) else 0 end
            as decimal(18, 4)
        ) as discount_usd,
        cast(factor * tax_usd as decimal(18, 4)) as tax_usd,
        cast(factor * store_fee_usd as decimal(18, 4)) as store_fee_usd,
        cast(factor * proceeds_usd as decimal(18, 4)) as proceeds_usd
    from entries
)

select * from final
