with source as (
    select * from {{ source('raw', 'manifest_cohorts') }}
),

renamed as (
    select
        id as manifest_cohort_id,
        manifest_id,
        cohort_id,
        created_at,
        _unreadable,
        _loaded_at
    from source
)

select * from renamed
