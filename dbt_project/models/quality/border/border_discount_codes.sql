select
    'discount_codes' as source_table,
    id as source_id,
    referrer_user_id as user_id,
    coalesce(nullif(lower(trim(product_type)), ''), 'absent') as product_type
from {{ source('raw', 'discount_codes') }}
