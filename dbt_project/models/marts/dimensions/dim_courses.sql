with courses as (
    select
        *,
        row_number() over (partition by course_code order by created_at, course_id) as place
    from {{ ref('stg_courses') }}
    where course_code is not null
),

engagement as (
    select * from {{ ref('course_engagement') }}
),

final as (
    select
        courses.course_code,
        courses.title,
        upper(substr(courses.course_code, 1, 1)) as category,
        coalesce(courses.price = 0, false) or upper(courses.course_code) = 'C99ENB' as is_free,
        coalesce(engagement.holders, 0) as holders,
        coalesce(engagement.plays, 0) as plays,
        {{ files_in_course('courses.audio') }} as tracks
    from courses
    left join engagement on courses.course_code = engagement.course_code
    where courses.place = 1
)

select * from final
order by course_code
