with {{ last_known("cohorts") }},

renamed as (
    select
        id as cohort_id,
        nullif(trim(code), '') as cohort_code,
        nullif(trim(name), '') as name,
        nullif(lower(trim(cohort_type)), '') as cohort_type,
        description,
        splash_screen_url,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
