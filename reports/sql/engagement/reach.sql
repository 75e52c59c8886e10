-- Whom each manifest reaches.
select file_name, cohorts, users_targeted, is_untargeted
from content_reach
where $until is not null
order by users_targeted desc, file_name
