-- One row per currency and day of a rate: US dollars for one unit.
with source as (
    select * from {{ ref('fx_rates') }}
),

final as (
    select
        upper({{ stripped('currency') }}) as currency,
        rate_date,
        usd_per_unit
    from source
)

select * from final
