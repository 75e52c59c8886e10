select
    'user_profile' as source_table,
    user_id as source_id,
    user_id,
    if(
        regexp_full_match({{ stripped('referral_code') }}, '(?i)U[A-Z0-9]{6}'),
        'as agreed', 'another shape'
    )
        as referral_code
from {{ source('raw', 'user_profile') }}
where {{ stripped('referral_code') }} is not null
