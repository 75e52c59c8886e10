select
    'app_logs' as source_table,
    id as source_id,
    user_id,
    coalesce(nullif(lower(trim(log_type)), ''), 'absent') as log_type,
    if(
        created_at > _loaded_at + to_minutes({{ var('clock_ahead_minutes') }}), 'ahead', 'right'
    ) as clock
from {{ source('raw', 'app_logs') }}
