-- One row per user and extraction that saw an assignment to a cohort of theirs change.
with {{ seen_at_once(ref('stg_user_cohorts_versions'), 'user_cohort_id') }},

final as (
    select
        user_id,
        seen_at,
        is_deleted,
        cohort_id,
        created_at,
        updated_at
    from ranked
    where choice = 1
)

select * from final
