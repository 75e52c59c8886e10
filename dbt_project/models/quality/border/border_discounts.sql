select
    'user_discounts' as source_table,
    id as source_id,
    user_id,
    if(used_at > expires_at, 'used after its end', 'in time') as use
from {{ source('raw', 'user_discounts') }}
