-- One row per user who stands in a cohort or, as far as extractions saw, once stood in one: the
-- first assignment seen, the present one, and how often it changed in between. The present one of
-- a closed account is its last; who left the cohort and stayed has none. is_present: the user
-- stands in it today.
with versions as (
    select * from {{ ref('int_cohort_assignment_versions') }}
    where not is_deleted and cohort_id is not null
),

present_rows as (
    select
        *,
        row_number() over (
            partition by user_id
            order by {{ last_known_first('user_cohort_id') }}
        ) as place
    from {{ ref('stg_user_cohorts') }}
),

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

-- A row that went before its account did was left, not lost with it.
present as (
    select present_rows.*
    from present_rows
    left join profiles on present_rows.user_id = profiles.user_id
    where
        present_rows.place = 1
        and (
            present_rows.source_deleted_at is null
            or present_rows.source_deleted_at >= profiles.source_deleted_at
        )
),

ordered as (
    select
        user_id,
        cohort_id,
        created_at,
        row_number() over seen as place,
        lag(cohort_id) over seen as previous_cohort_id
    from versions
    window seen as (partition by user_id order by seen_at)
),

assigned as (
    select
        user_id,
        {{ least_uuid('case when place = 1 then cohort_id end') }} as first_cohort_id,
        min(case when place = 1 then created_at end) as first_assigned_at,
        sum(case when cohort_id <> previous_cohort_id then 1 else 0 end) as reassignments
    from ordered
    group by user_id
),

final as (
    select
        coalesce(assigned.user_id, present.user_id) as user_id,
        coalesce(assigned.first_cohort_id, present.cohort_id) as first_cohort_id,
        coalesce(assigned.first_assigned_at, present.created_at) as first_assigned_at,
        present.cohort_id as present_cohort_id,
        present.cohort_id is not null and present.source_deleted_at is null as is_present,
        cast(coalesce(assigned.reassignments, 0) as bigint) as reassignments
    from assigned
    full outer join present on assigned.user_id = present.user_id
    left join profiles on assigned.user_id = profiles.user_id
    where present.user_id is not null or profiles.user_id is not null
)

select * from final
