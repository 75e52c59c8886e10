select
    'subscriptions' as source_table,
    id as source_id,
    user_id,
    coalesce(nullif(lower(trim(plan)), ''), 'absent') as plan
from {{ source('raw', 'subscriptions') }}
