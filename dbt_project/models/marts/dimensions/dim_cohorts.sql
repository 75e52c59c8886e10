with cohorts as (
    select * from {{ ref('int_cohorts_unified') }}
),

members as (
    select * from {{ ref('int_cohort_members_assigned') }}
    where is_present
),

users as (
    select * from {{ ref('stg_user_profile') }}
),

manifest_cohorts as (
    select * from {{ ref('stg_manifest_cohorts') }}
    where source_deleted_at is null
),

counted_members as (
    select
        cohorts.code_key,
        count(*) as members
    from members
    inner join cohorts on members.present_cohort_id = cohorts.cohort_id
    left join users on members.user_id = users.user_id
    where not coalesce(users.is_test, false)
    group by cohorts.code_key
),

counted_manifests as (
    select
        cohorts.code_key,
        count(distinct manifest_cohorts.manifest_id) as manifests
    from manifest_cohorts
    inner join cohorts on manifest_cohorts.cohort_id = cohorts.cohort_id
    group by cohorts.code_key
),

final as (
    select
        cohorts.cohort_code,
        cohorts.name,
        cohorts.cohort_type,
        coalesce(counted_members.members, 0) as members,
        coalesce(counted_manifests.manifests, 0) as manifests
    from cohorts
    left join counted_members on cohorts.code_key = counted_members.code_key
    left join counted_manifests on cohorts.code_key = counted_manifests.code_key
    where cohorts.is_canonical
)

select * from final
order by cohort_code
