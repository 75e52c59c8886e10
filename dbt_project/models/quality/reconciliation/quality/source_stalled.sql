with volumes as (
    select
        *,
        max(date) filter (where is_complete) over () as newest_date
    from {{ ref('source_volume_daily') }}
),

days as (
    select * from volumes
    where date between newest_date - 90 and newest_date
),

spoken as (
    select
        source_table,
        date,
        newest_date,
        date - lag(date) over (partition by source_table order by date) as gap_days
    from days
    where rows > 0
),

rhythm as (
    select
        source_table,
        count(*) as spoken_days,
        max(date) as last_date,
        max(newest_date) - max(date) as silent_days,
        max(gap_days) as longest_gap_days
    from spoken
    group by source_table
)

select
    source_table,
    last_date,
    silent_days,
    longest_gap_days
from rhythm
where spoken_days >= 45 and silent_days >= 3 and silent_days > longest_gap_days
order by all
