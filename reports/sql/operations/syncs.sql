-- Syncs that reached the server on each of the last 60 days.
select
    date,
    runs,
    errors,
    error_rate,
    is_complete
from function_health_daily
where
    function_name = 'handshake' and date < $until
    and date >= (
        select max(date) from function_health_daily
        where date < $until
    ) - 59
order by date
