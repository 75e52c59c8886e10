select
    'user_profile' as source_table,
    user_id as source_id,
    user_id,
    {{ word_or_absent('role') }} as role
from {{ source('raw', 'user_profile') }}
