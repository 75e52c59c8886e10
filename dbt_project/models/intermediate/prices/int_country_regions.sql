-- One row per country as people type it: the region by which a store sets its fees.
with source as (
    select * from {{ ref('country_regions') }}
),

final as (
    select distinct
        {{ lowered('country') }} as country,
        {{ lowered('region') }} as region
    from source
)

select * from final
