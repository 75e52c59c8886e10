-- One row per row of the store fees, its text normalised, its open ends closed. An empty text
-- matches everything; fee_rate is the service fee and the billing fee together.
with fees as (
    select * from {{ ref('store_fees') }}
),

final as (
    select
        coalesce({{ lowered('store') }}, '') as store,
        coalesce({{ lowered('product_kind') }}, '') as product_kind,
        coalesce({{ lowered('program') }}, '') as program,
        coalesce({{ lowered('region') }}, '') as region,
        coalesce(min_paid_days, 0) as min_paid_days,
        coalesce(min_year_to_date_usd, 0) as min_year_to_date_usd,
        is_existing_install,
        coalesce(valid_from, date '0001-01-01') as valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to,
        service_fee_rate,
        coalesce(billing_fee_rate, 0) as billing_fee_rate,
        cast(service_fee_rate + coalesce(billing_fee_rate, 0) as decimal(9, 6)) as fee_rate,
        coalesce(is_assumed, false) as is_assumed,
        {{ stripped('source') }} as published_in
    from fees
)

select * from final
