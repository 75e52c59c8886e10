-- Choices of non-test users, as most of them write each; case does not make another one.
with settings as (
    select * from {{ ref('stg_analytics') }}
    where source_deleted_at is null and is_canonical and course_code is not null
),

test_users as (
    select * from {{ ref('stg_user_profile') }}
    where is_test
),

real_users as (
    select settings.*
    from settings
    left join test_users on settings.user_id = test_users.user_id
    where test_users.user_id is null
),

long as (
    {% for setting in ['voice', 'background', 'induction', 'deepening'] %}
        select
            course_code,
            '{{ setting }}' as setting,
            {{ setting }} as value
        from real_users
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

spellings as (
    select
        course_code,
        setting,
        lower(value) as value_key,
        value,
        count(*) as users
    from long
    where value is not null
    group by course_code, setting, value
),

ranked as (
    select
        *,
        sum(users) over (partition by course_code, setting, value_key) as value_users,
        row_number() over (
            partition by course_code, setting, value_key order by users desc nulls last, value asc
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
