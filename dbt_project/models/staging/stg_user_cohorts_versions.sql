with {{ versions_seen("user_cohorts") }},

renamed as (
    select
        id as user_cohort_id,
        user_id,
        cohort_id,
        created_at,
        updated_at,
        _op = 'delete' as is_deleted,
        _is_passed_on as is_passed_on,
        _seen_at as seen_at
    from history
)

select * from renamed
