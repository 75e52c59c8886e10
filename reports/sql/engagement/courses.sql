-- Plays, holders and favorites by course.
select course_code, holders, listeners, plays, plays_per_listener, favourite_voice, favourite_background
from course_engagement
order by plays desc, course_code
