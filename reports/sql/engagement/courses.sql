-- Plays, holders and favorites by course.
-- title: Name of the course in the shop.
select
    engagement.course_code,
    courses.title,
    engagement.holders,
    engagement.listeners,
    engagement.plays,
    engagement.plays_per_listener,
    engagement.favourite_voice,
    engagement.favourite_background
from course_engagement as engagement
left join dim_courses as courses on engagement.course_code = courses.course_code
order by engagement.plays desc, engagement.course_code
