-- What users reported, by month.
select month, issue_type, reports, users, is_complete
from feedback_monthly
where month < $until and month >= cast($until as date) - interval 24 month
order by month, issue_type
