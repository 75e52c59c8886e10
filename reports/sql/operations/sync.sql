-- How long ago users synced.
select
    age_band,
    users,
    share_rate
from sync_freshness
order by age_band = 'never', try_cast(regexp_extract(age_band, '[0-9]+') as integer)
