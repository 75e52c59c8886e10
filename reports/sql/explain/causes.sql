-- What each part and cause adds in the months after one month, before another. What is usual is that
-- of the first of them, times their number.
select
    part,
    cause,
    sum(amount_usd) as amount_usd,
    cast(first(usual_usd order by month) * count(*) as decimal(18, 8)) as usual_usd,
    bool_and(is_complete) as is_complete
from change_causes_monthly
where measure = $measure and month > cast($since as date) and month < $month_until
group by part, cause
order by part, cause
