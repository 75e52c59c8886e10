select
    'server_logs' as source_table,
    id as source_id,
    user_id,
    {{ word_or_absent('level') }} as level
from {{ source('raw', 'server_logs') }}
