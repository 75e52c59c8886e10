with manifests as (
    select * from {{ ref('stg_master_manifests') }}
),

links as (
    select * from {{ ref('stg_manifest_cohorts') }}
    where source_deleted_at is null
),

members as (
    select * from {{ ref('stg_user_cohorts') }}
    where source_deleted_at is null
),

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

everyone as (
    select count(*) as users from profiles
    where not is_test and source_deleted_at is null
),

linked as (
    select
        manifest_id,
        count(distinct cohort_id) as cohorts
    from links
    group by manifest_id
),

reached as (
    select
        links.manifest_id,
        count(distinct members.user_id) as users
    from links
    inner join members on links.cohort_id = members.cohort_id
    left join profiles on members.user_id = profiles.user_id
    where not coalesce(profiles.is_test, false)
    group by links.manifest_id
),

final as (
    select
        manifests.manifest_id,
        manifests.file_name,
        coalesce(linked.cohorts, 0) as cohorts,
        case
            when linked.manifest_id is null then everyone.users
            else coalesce(reached.users, 0)
        end as users_targeted,
        linked.manifest_id is null as is_untargeted
    from manifests
    cross join everyone
    left join linked on manifests.manifest_id = linked.manifest_id
    left join reached on manifests.manifest_id = reached.manifest_id
)

select * from final
order by file_name, manifest_id
