-- What users reported, by month.
select
    month,
    issue_type,
    reports,
    users,
    is_complete
from feedback_monthly
where month < $month_until and month >= cast($month_until as date) - interval 24 month
order by month, issue_type
