-- How long ago users had synced, at the last published snapshot of each of the last 60 days that have one.
-- day: Day of the snapshot.
-- known_since: The first snapshot that was published.
select
    as_of_at::date as day,
    age_band,
    users,
    share_rate,
    min(as_of_at) over () as known_since
from sync_freshness_history
where as_of_at < $until
qualify
    as_of_at = max(as_of_at) over (partition by as_of_at::date)
    and dense_rank() over (order by as_of_at::date desc) <= 60
order by day, band_number
