with counted as (
    select * from {{ ref('fct_receipts') }}
    where verdict = 'counted'
),

changes as (
    select * from {{ ref('int_receipt_refund_changes') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

charges as (
    select
        *,
        receipt_id || ':charge' as entry_id,
        'charge' as entry_type,
        transacted_at as booked_at,
        1 as factor
    from counted
),

refunds as (
    select
        counted.*,
        counted.receipt_id || ':' || changes.entry_type || ':' || changes.change_number as entry_id,
        changes.entry_type,
        changes.changed_at as booked_at,
        case changes.entry_type when 'refund' then -1 else 1 end as factor
    from counted
    inner join changes on counted.receipt_id = changes.receipt_id
),

entries as (
    select * from charges
    union all
    select * from refunds
),

final as (
    select
        entries.entry_id,
        entries.receipt_id,
        entries.entry_type,
        entries.booked_at,
        entries.user_id,
        {{ user_dimensions('users', 'entries.booked_at') }},
        {{ user_cohorts('users', 'entries.booked_at') }},
        entries.product_key,
        entries.product_kind,
        entries.store,
        entries.billing_months,
        coalesce(entries.offer_id, 'none') as offer_id,
        cast(entries.factor * entries.paid_usd as decimal(18, 4)) as gross_usd,
        cast(
            case entries.entry_type when 'charge' then coalesce(entries.discount_usd, 0) else 0 end
            as decimal(18, 4)
        ) as discount_usd,
        cast(entries.factor * entries.tax_usd as decimal(18, 4)) as tax_usd,
        cast(entries.factor * entries.store_fee_usd as decimal(18, 4)) as store_fee_usd,
        cast(entries.factor * entries.proceeds_usd as decimal(18, 4)) as proceeds_usd
    from entries
    left join users on {{ holds_at('users', 'entries.user_id', 'entries.booked_at') }}
)

select * from final
