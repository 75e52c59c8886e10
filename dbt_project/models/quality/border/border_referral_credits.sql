select
    'referral_credits' as source_table,
    id as source_id,
    user_id,
    amount,
    if(used_at > expires_at, 'used after its end', 'in time') as use
from {{ source('raw', 'referral_credits') }}
