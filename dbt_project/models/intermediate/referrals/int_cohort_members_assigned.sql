-- One row per user who stands in a cohort or, as far as extractions saw, once stood in one: the
-- first assignment seen, the present one, and how often it changed in between.
with versions as (
    select * from {{ source('history', 'user_cohorts') }}
    where _op <> 'delete' and user_id is not null and cohort_id is not null
),

present_rows as (
    select
        *,
        row_number() over (
            partition by user_id order by updated_at desc, user_cohort_id asc
        ) as place
    from {{ ref('stg_user_cohorts') }}
),

present as (
    select * from present_rows
    where place = 1
),

profiles as (
    select user_id from {{ ref('stg_user_profile') }}
),

ordered as (
    select
        user_id,
        cohort_id,
        created_at,
        row_number() over seen as place,
        lag(cohort_id) over seen as previous_cohort_id
    from versions
    window seen as (partition by user_id order by _seen_at, created_at, updated_at, id)
),

assigned as (
    select
        user_id,
        min(case when place = 1 then cohort_id end) as first_cohort_id,
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
        cast(coalesce(assigned.reassignments, 0) as bigint) as reassignments
    from assigned
    full outer join present on assigned.user_id = present.user_id
    left join profiles on assigned.user_id = profiles.user_id
    where present.user_id is not null or profiles.user_id is not null
)

select * from final
