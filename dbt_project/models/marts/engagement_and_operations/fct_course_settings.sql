with spellings as (
    select
        course_code,
        setting,
        value_key,
        value,
        count(*) as users
    from {{ ref('int_listener_settings') }}
    group by course_code, setting, value_key, value
),

ranked as (
    select
        *,
        sum(users) over (partition by course_code, setting, value_key) as value_users,
        row_number() over (
            partition by course_code, setting, value_key order by users desc, value asc
        ) as spelling
    from spellings
),

final as (
    select
        course_code,
        setting,
        value as choice,
        cast(value_users as bigint) as users
    from ranked
    where spelling = 1
)

select * from final
order by course_code, setting, choice
