with {{ last_known("manifest_cohorts") }},

renamed as (
    select
        id as manifest_cohort_id,
        manifest_id,
        cohort_id,
        created_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
