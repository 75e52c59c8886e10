select
    'subscriptions' as source_table,
    id as source_id,
    user_id,
    {{ word_or_absent('plan') }} as plan
from {{ source('raw', 'subscriptions') }}
