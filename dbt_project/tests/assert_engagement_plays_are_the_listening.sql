with courses as (
    select coalesce(sum(plays), 0) as plays
    from {{ ref('course_engagement') }}
),

listening as (
    select coalesce(sum(plays), 0) as plays
    from {{ ref('fct_listening') }}
    where not is_test
)

select * from courses
except
select * from listening
