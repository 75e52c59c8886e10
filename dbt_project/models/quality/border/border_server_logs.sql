select
    'server_logs' as source_table,
    id as source_id,
    user_id,
    coalesce(nullif(lower(trim(level)), ''), 'absent') as level
from {{ source('raw', 'server_logs') }}
