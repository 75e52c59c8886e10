-- The months of a measure, oldest first.
select
    month,
    bool_and(is_complete) as is_complete
from change_causes_monthly
where measure = $measure and month < $month_until
group by month
order by month
