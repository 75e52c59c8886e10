select
    'app_logs' as source_table,
    id as source_id,
    user_id,
    {{ word_or_absent('log_type') }} as log_type,
    if(
        created_at > _loaded_at + to_minutes({{ var('clock_ahead_minutes') }}), 'ahead', 'right'
    ) as clock
from {{ source('raw', 'app_logs') }}
