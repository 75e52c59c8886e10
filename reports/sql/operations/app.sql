-- Errors and entries that the app reported, by day.
select
    date,
    sum(entries) as entries,
    sum(errors) as errors,
    sum(skipped_syncs) as skipped_syncs,
    sum(failed_validations) as failed_validations,
    bool_and(is_complete) as is_complete
from app_health_daily
where
    date < $until and date >= (
        select max(date) from app_health_daily
        where date < $until
    ) - 59
group by date
order by date
