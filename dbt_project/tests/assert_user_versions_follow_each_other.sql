with versions as (
    select
        *,
        lead(valid_from_at) over (partition by user_id order by valid_from_at) as next_from_at
    from {{ ref('dim_users_history') }}
),

users as (
    select * from {{ ref('dim_users') }}
)

select
    users.user_id,
    versions.valid_from_at
from users
left join versions on users.user_id = versions.user_id
where
    versions.user_id is null
    or versions.valid_to_at is distinct from versions.next_from_at
    or (
        versions.valid_to_at is null
        and (
            versions.country <> users.country
            or versions.lead_source <> users.lead_source
            or versions.role <> users.role
            or versions.is_test <> users.is_test
            or versions.cohort_code <> users.cohort_code
            or versions.access <> users.access
        )
    )
