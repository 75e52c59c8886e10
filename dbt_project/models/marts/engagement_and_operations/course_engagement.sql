with listening as (
    select
        course_code,
        count(distinct case when plays > 0 then user_id end) as listeners,
        cast(sum(plays) as bigint) as plays
    from {{ ref('fct_listening') }}
    where not is_test
    group by course_code
),

holders as (
    select
        course_code,
        count(*) as holders
    from {{ ref('int_course_holders') }}
    group by course_code
),

spellings as (
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
        course_code,
        setting,
        value,
        row_number() over (
            partition by course_code, setting
            order by value_users desc, value_key asc, users desc, value asc
        ) as choice
    from (
        select
            *,
            sum(users) over (partition by course_code, setting, value_key) as value_users
        from spellings
    ) as counted
),

favourites as (
    select
        course_code,
        max(case when setting = 'voice' then value end) as favourite_voice,
        max(case when setting = 'background' then value end) as favourite_background,
        max(case when setting = 'induction' then value end) as favourite_induction,
        max(case when setting = 'deepening' then value end) as favourite_deepening
    from ranked
    where choice = 1
    group by course_code
),

courses as (
    select course_code from {{ ref('stg_courses') }}
    where course_code is not null
    union distinct
    select course_code from listening
    union distinct
    select course_code from holders
    union distinct
    select course_code from favourites
),

final as (
    select
        courses.course_code,
        coalesce(holders.holders, 0) as holders,
        coalesce(listening.listeners, 0) as listeners,
        coalesce(listening.plays, 0) as plays,
        cast(listening.plays as double precision) / nullif(listening.listeners, 0)
            as plays_per_listener,
        favourites.favourite_voice,
        favourites.favourite_background,
        favourites.favourite_induction,
        favourites.favourite_deepening
    from courses
    left join holders on courses.course_code = holders.course_code
    left join listening on courses.course_code = listening.course_code
    left join favourites on courses.course_code = favourites.course_code
)

select * from final
order by course_code
