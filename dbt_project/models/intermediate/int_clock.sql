with manifest as (
    select as_of_at from {{ source('meta', 'run_manifest') }}
),

stores as (
    select max(grace_days) as grace_days from {{ ref('int_stores') }}
),

final as (
    select
        max(manifest.as_of_at) as as_of_at,
        cast(max(manifest.as_of_at) as date) as as_of_date,
        {{ month_start('max(manifest.as_of_at)') }} as as_of_month,
        min(manifest.as_of_at) as first_extracted_at,
        coalesce(max(stores.grace_days), {{ var('grace_days') }}) as grace_days
    from manifest
    cross join stores
)

select * from final
