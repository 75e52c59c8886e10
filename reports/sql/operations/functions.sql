-- Server functions over the last 30 days.
-- worst_error_rate: The highest of the days' shares of runs that failed.
-- slowest_p95_ms: The highest of the days' 95th percentiles of duration, milliseconds.
select
    function_name,
    sum(runs) as runs,
    sum(errors) as errors,
    max(error_rate) as worst_error_rate,
    max(duration_p95_ms) as slowest_p95_ms
from function_health_daily
where
    date < $until and date >= (
        select max(date) from function_health_daily
        where date < $until
    ) - 29
group by function_name
order by errors desc, runs desc, function_name
