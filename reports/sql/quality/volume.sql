-- The newest event of each source table.
-- recent_rows: Rows dated within the last weeks of the period.
select
    source_table,
    max(last_event_at) as last_event_at,
    sum(rows) filter (where date >= cast($until as date) - 38) as recent_rows
from source_volume_daily
where date < $until
group by source_table
order by source_table
