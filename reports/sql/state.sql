-- The newest event of the source, and the last month that is over.
select
    (
        select max(last_event_at) from source_volume_daily
        where date < $until
    ) as newest_event_at,
    (
        select max(month) from dim_dates
        where is_complete_month and month < $month_until)
        as complete_month
