with fees as (
    select * from {{ ref('int_store_fees') }}
),

final as (
    select
        {%- for name in ["store", "product_kind", "program", "region"] %}
            coalesce(nullif({{ name }}, ''), 'any') as {{ name }},
        {%- endfor %}
        case
            when is_existing_install is null then 'any'
            when is_existing_install then 'existing'
            else 'new'
        end as installation,
        cast(min_paid_days as bigint) as min_paid_days,
        cast(min_year_to_date_usd as decimal(18, 4)) as min_year_to_date_usd,
        valid_from as valid_from_date,
        nullif(valid_to, date '9999-12-31') as valid_to_date,
        cast(service_fee_rate as {{ type_double() }}) as service_fee_rate,
        cast(billing_fee_rate as {{ type_double() }}) as billing_fee_rate,
        cast(fee_rate as {{ type_double() }}) as fee_rate,
        is_assumed,
        published_in
    from fees
)

select * from final
order by valid_from_date, store, product_kind, program, region
