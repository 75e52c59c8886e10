select
    'ai_credit_purchases' as source_table,
    id as source_id,
    user_id,
    coalesce(credits_amount, 0) as credits_amount
from {{ source('raw', 'ai_credit_purchases') }}
