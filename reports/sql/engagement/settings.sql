-- How often each setting is chosen.
select
    course_code,
    setting,
    choice,
    users
from fct_course_settings
order by users desc, course_code, setting, choice
limit 100
