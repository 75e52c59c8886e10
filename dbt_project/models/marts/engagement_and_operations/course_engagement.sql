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

ranked as (
    select
        *,
        row_number() over (
            partition by course_code, setting order by users desc nulls last, lower(choice) asc
        ) as place
    from {{ ref('fct_course_settings') }}
),

favourites as (
    select
        course_code,
        max(case when setting = 'voice' then choice end) as favourite_voice,
        max(case when setting = 'background' then choice end) as favourite_background,
        max(case when setting = 'induction' then choice end) as favourite_induction,
        max(case when setting = 'deepening' then choice end) as favourite_deepening
    from ranked
    where place = 1
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
        {{ ratio('listening.plays', 'listening.listeners') }} as plays_per_listener,
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
