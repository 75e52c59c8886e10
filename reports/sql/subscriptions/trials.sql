-- Trials started, converted and lapsed by month.
-- trial_month: Month of the start, the conversion or the lapse.
select
    date_trunc('month', date)::date as trial_month,
    sum(started) as started,
    sum(converted) as converted,
    sum(lapsed) as lapsed,
    bool_and(is_complete) as is_complete
from trial_movements_daily
where date < $month_until and date >= cast($month_until as date) - interval 24 month
group by all
order by 1
