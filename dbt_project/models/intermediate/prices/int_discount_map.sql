-- One row per code, product, store and offer that realises the code; code_key is how codes compare.
with source as (
    select * from {{ ref('discount_map') }}
),

final as (
    select distinct
        {{ stripped('discount_code') }} as discount_code,
        {{ lowered('discount_code') }} as code_key,
        {{ lowered('product_key') }} as product_key,
        coalesce({{ lowered('store') }}, '') as store,
        {{ lowered('offer_id') }} as offer_id
    from source
    where {{ stripped('discount_code') }} is not null and {{ stripped('offer_id') }} is not null
)

select * from final
