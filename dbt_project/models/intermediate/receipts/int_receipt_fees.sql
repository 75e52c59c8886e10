-- One row per receipt whose price is known: the tax in the price, taken first, and the store's fee
-- on the rest, at the rate of the day. What the rate turns on: store, kind of product, fee program,
-- region of the buyer's country at the charge, days of paid service before, the store's sales of
-- the calendar year before the charge, and whether the buyer had signed up before the rate began.
-- Without a rate in store_fees the fee is 0, and a test warns.
with judged as (
    select
        *,
        case when source_table = 'subscription_events' then source_id end as event_id,
        cast(transacted_at as date) as transacted_date
    from {{ ref('int_receipts_judged') }}
    where paid_usd is not null
),

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

attributes as (
    select * from {{ ref('int_user_attributes') }}
),

regions as (
    select * from {{ ref('int_country_regions') }}
),

fees as (
    select * from {{ ref('int_store_fees') }}
),

bought as (
    select
        judged.receipt_id,
        judged.store,
        judged.product_kind,
        judged.verdict,
        judged.paid_usd,
        judged.transacted_at,
        judged.transacted_date,
        cast(profiles.signed_up_at as date) as signed_up_date,
        coalesce(paid.paid_days_before, 0) as paid_days,
        coalesce(regions.region, '') as region,
        lower({{ setting_on('fee_program', 'judged.transacted_date') }}) as program
    from judged
    left join {{ ref('int_subscription_paid_days') }} as paid
        on judged.event_id = paid.source_event_id
    left join profiles on judged.user_id = profiles.user_id
    left join attributes on {{ holds_at('attributes', 'judged.user_id', 'judged.transacted_at') }}
    left join regions on lower(attributes.country) = regions.country
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
        from bought
    ) as with_rate
),

accumulated as (
    select
        *,
        coalesce(
            sum(case when verdict = 'counted' then paid_usd - tax_usd else 0 end) over (
                partition by store, date_trunc('year', transacted_date)
                order by transacted_at, receipt_id
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as year_to_date_usd
    from taxed
),

-- Each rate under every store and kind that it may serve, so that receipts find theirs by equality.
served as (
    select
        kinds.store as of_store,
        kinds.product_kind as of_kind,
        fees.*,
        case when fees.store = '' then 0 else 1 end
        + case when fees.product_kind = '' then 0 else 1 end
        + case when fees.program = '' then 0 else 1 end
        + case when fees.region = '' then 0 else 1 end
        + case when fees.is_existing_install is null then 0 else 1 end as cells_named
    from (select distinct
        store,
        product_kind
    from bought) as kinds
    inner join fees
        on fees.store in (kinds.store, '') and fees.product_kind in (kinds.product_kind, '')
),

-- The most cells named win, of as many a named region; then the greatest thresholds reached.
ranked as (
    select
        receipts.receipt_id,
        served.fee_rate,
        served.is_assumed,
        row_number() over (
            partition by receipts.receipt_id
            order by
                served.cells_named desc nulls last,
                served.region desc nulls last,
                served.program desc nulls last,
                served.min_year_to_date_usd desc nulls last,
                served.min_paid_days desc nulls last,
                served.valid_from desc nulls last,
                served.fee_rate asc
        ) as preference
    from accumulated as receipts
    inner join served
        on receipts.store = served.of_store and receipts.product_kind = served.of_kind
    where
        served.region in (receipts.region, '')
        and served.program in (receipts.program, '')
        and receipts.paid_days >= served.min_paid_days
        and receipts.year_to_date_usd >= served.min_year_to_date_usd
        and receipts.transacted_date >= served.valid_from
        and receipts.transacted_date < served.valid_to
        and coalesce(
            served.is_existing_install = (receipts.signed_up_date < served.valid_from),
            served.is_existing_install is null
        )
),

charged as (
    select
        taxed.receipt_id,
        taxed.paid_usd,
        taxed.tax_usd,
        coalesce(ranked.fee_rate, 0) as store_fee_rate,
        ranked.fee_rate is not null as has_fee_rate,
        coalesce(ranked.is_assumed, true) as is_fee_assumed,
        {{ round_usd(
            'cast(coalesce(ranked.fee_rate, 0) as decimal(38, 6))'
            ' * cast(taxed.paid_usd - taxed.tax_usd as decimal(38, 4))'
        ) }} as store_fee_usd
    from taxed
    left join ranked on taxed.receipt_id = ranked.receipt_id and ranked.preference = 1
),

final as (
    select
        receipt_id,
        tax_usd,
        store_fee_rate,
        has_fee_rate,
        is_fee_assumed,
        store_fee_usd,
        cast(paid_usd - tax_usd - store_fee_usd as decimal(18, 4)) as proceeds_usd
    from charged
)

select * from final
