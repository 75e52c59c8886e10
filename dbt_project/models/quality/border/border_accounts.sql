select
    'user_profile' as source_table,
    user_id as source_id,
    user_id,
    coalesce(nullif(lower(trim(role)), ''), 'absent') as role
from {{ source('raw', 'user_profile') }}
