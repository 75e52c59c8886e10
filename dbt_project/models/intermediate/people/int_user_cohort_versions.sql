-- Successive versions of a user's cohort, timed by the assignment's own updated_at. Who is taken
-- out of a cohort and stays is in none that is known; what closed with the account is no version.
with {{ versions_seen("user_cohorts") }},

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

cohorts as (
    select * from {{ ref('int_cohorts_unified') }}
),

ranked as (
    select
        history.user_id,
        case when history._op <> 'delete' then history.cohort_id end as cohort_id,
        case when history._op <> 'delete' then history.updated_at end as updated_at,
        history._seen_at as seen_at,
        row_number() over (
            partition by history.user_id, history._seen_at
            order by
                case when history._op = 'delete' then 1 else 0 end,
                history.updated_at desc nulls last,
                history.id asc
        ) as choice
    from history
    left join profiles on history.user_id = profiles.user_id
    where
        history.user_id is not null
        and (
            history._op <> 'delete'
            or coalesce(history._seen_at < profiles.source_deleted_at, true)
        )
),

versions as (
    select
        ranked.*,
        coalesce(cohorts.cohort_code, 'unknown') as cohort_code
    from ranked
    left join cohorts on ranked.cohort_id = cohorts.cohort_id
    where ranked.choice = 1
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
