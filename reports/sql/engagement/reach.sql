-- Whom each manifest reaches.
select
    file_name,
    cohorts,
    users_targeted,
    is_untargeted
from content_reach
order by users_targeted desc, file_name
