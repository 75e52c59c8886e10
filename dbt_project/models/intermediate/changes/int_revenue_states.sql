-- One row per charge: its product, a pack bought twice in one being a product of its own, and what
-- of the amount was paid in another currency than the book's.
with receipts as (
    select * from {{ ref('int_receipts_judged') }}
),

entries as (
    select * from {{ ref('int_revenue_entries') }}
    where entry_type = 'charge'
),

priced as (
    select
        receipt_id,
        recorded_currency,
        usd_per_unit
    from {{ ref('int_receipts_priced') }}
    where is_recorded and recorded_currency <> 'USD'
),

final as (
    select
        entries.receipt_id,
        {{ month_start('entries.booked_at') }} as month,
        entries.product_kind,
        entries.product_key
        || case when receipts.quantity > 1 then ' x' || receipts.quantity else '' end as plan,
        entries.store,
        entries.gross_usd as value_usd,
        coalesce(receipts.list_price_usd, entries.gross_usd) as list_usd,
        entries.discount_usd,
        priced.recorded_currency as currency,
        priced.usd_per_unit
    from entries
    inner join receipts on entries.receipt_id = receipts.receipt_id
    left join priced on entries.receipt_id = priced.receipt_id
)

select * from final
