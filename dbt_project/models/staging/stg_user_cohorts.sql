with {{ last_known("user_cohorts", people=["user_id"]) }},

renamed as (
    select
        id as user_cohort_id,
        user_id,
        cohort_id,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
