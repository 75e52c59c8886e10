-- Settings of listeners, one row per user, course and setting; `value_key` ignores case.
with settings as (
    select * from {{ ref('stg_analytics') }}
    where source_deleted_at is null and is_canonical
),

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

real_users as (
    select settings.*
    from settings
    left join profiles on settings.user_id = profiles.user_id
    where not coalesce(profiles.is_test, false) and settings.course_code is not null
),

long as (
    select
        user_id,
        course_code,
        unnest(['voice', 'background', 'induction', 'deepening']) as setting,
        unnest([voice, background, induction, deepening]) as value
    from real_users
),

final as (
    select
        *,
        lower(value) as value_key
    from long
    where value is not null
)

select * from final
