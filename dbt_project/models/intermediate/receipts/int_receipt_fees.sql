-- One row per receipt whose price is known: the tax in the price, taken first, and the store's fee
-- on the rest, at the rate of the day for the store, the kind of product and the days of paid
-- service before. Without a rate in store_fees the fee is 0, and a test warns.
with judged as (
    select
        *,
        case when source_table = 'subscription_events' then source_id end as event_id
    from {{ ref('int_receipts_judged') }}
    where paid_usd is not null
),

receipts as (
    select
        receipts.receipt_id,
        receipts.store,
        receipts.product_kind,
        receipts.paid_usd,
        cast(receipts.transacted_at as date) as transacted_date,
        coalesce(paid.paid_days_before, 0) as paid_days
    from judged as receipts
    left join {{ ref('int_subscription_paid_days') }} as paid
        on receipts.event_id = paid.source_event_id
),

fees as (
    select * from {{ ref('int_store_fees') }}
),

lookups as (
    select distinct
        store,
        product_kind,
        transacted_date,
        paid_days
    from receipts
),

-- A named store, kind or program wins over an empty one; then the most days reached.
ranked as (
    select
        lookups.store,
        lookups.product_kind,
        lookups.transacted_date,
        lookups.paid_days,
        fees.fee_rate,
        row_number() over (
            partition by
                lookups.store, lookups.product_kind, lookups.transacted_date, lookups.paid_days
            order by
                fees.store desc,
                fees.product_kind desc,
                fees.program desc,
                fees.min_paid_days desc,
                fees.valid_from desc,
                fees.fee_rate asc
        ) as preference
    from lookups
    inner join fees
        on
            fees.store in (lookups.store, '')
            and fees.product_kind in (lookups.product_kind, '')
            and fees.program in (
                lower({{ setting_on('fee_program', 'lookups.transacted_date') }}), ''
            )
            and lookups.paid_days >= fees.min_paid_days
            and lookups.transacted_date >= fees.valid_from
            and lookups.transacted_date < fees.valid_to
),

-- The tax rate in units of 10^-15, so that r / (1 + r) stays a ratio of whole numbers.
taxed as (
    select
        *,
        {{ usd_share('paid_usd', 'tax_units', '1000000000000000 + tax_units') }} as tax_usd
    from (
        select
            *,
            cast(
                cast({{ setting_on('tax_rate', 'transacted_date') }} as decimal(38, 17))
                * 1000000000000000
                as bigint
            ) as tax_units
        from receipts
    ) as with_rate
),

final as (
    select
        taxed.receipt_id,
        taxed.tax_usd,
        coalesce(ranked.fee_rate, 0) as store_fee_rate,
        ranked.fee_rate is not null as has_fee_rate,
        {{ round_usd(
            'cast(coalesce(ranked.fee_rate, 0) as decimal(38, 6))'
            ' * cast(taxed.paid_usd - taxed.tax_usd as decimal(38, 4))'
        ) }} as store_fee_usd
    from taxed
    left join ranked
        on
            taxed.store = ranked.store
            and taxed.product_kind = ranked.product_kind
            and taxed.transacted_date = ranked.transacted_date
            and taxed.paid_days = ranked.paid_days
            and ranked.preference = 1
)

select * from final
