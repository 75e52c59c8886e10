select
    'discount_codes' as source_table,
    id as source_id,
    referrer_user_id as user_id,
    {{ word_or_absent('product_type') }} as product_type
from {{ source('raw', 'discount_codes') }}
