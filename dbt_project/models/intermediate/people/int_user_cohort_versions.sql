-- Successive versions of a user's cohort, timed by the assignment's own updated_at. Who is taken
-- out of a cohort and stays, or whose assignment passed to another user, is in none that is known;
-- what closed with the account is no version.
with assignments as (
    select * from {{ ref('int_cohort_assignment_versions') }}
),

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

cohorts as (
    select * from {{ ref('int_cohorts_unified') }}
),

kept as (
    select
        assignments.user_id,
        case when not assignments.is_deleted then assignments.cohort_id end as cohort_id,
        case when not assignments.is_deleted then assignments.updated_at end as updated_at,
        assignments.seen_at
    from assignments
    left join profiles on assignments.user_id = profiles.user_id
    where
        not assignments.is_deleted
        or assignments.is_passed_on
        or coalesce(assignments.seen_at < profiles.source_deleted_at, true)
),

versions as (
    select
        kept.*,
        coalesce(cohorts.cohort_code, 'unknown') as cohort_code
    from kept
    left join cohorts on kept.cohort_id = cohorts.cohort_id
),

{{ version_timed(["user_id"]) }},

final as (
    select
        user_id,
        version_number,
        observed_at,
        seen_at,
        cohort_code
    from timed
)

select * from final
