with source as (
    select * from {{ source('raw', 'user_cohorts') }}
),

renamed as (
    select
        id as user_cohort_id,
        user_id,
        cohort_id,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at
    from source
)

select * from renamed
