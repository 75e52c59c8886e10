-- One row per user and extraction that saw an assignment to a cohort of theirs change.
with {{ seen_at_once(ref('stg_user_cohorts_versions'), ['user_id'], 'user_cohort_id asc') }},

final as (
    select
        user_id,
        seen_at,
        is_deleted,
        is_passed_on,
        cohort_id,
        created_at,
        updated_at
    from versions
)

select * from final
