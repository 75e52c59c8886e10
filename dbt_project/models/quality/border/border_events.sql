select
    'subscription_events' as source_table,
    id as source_id,
    user_id,
    {{ word_or_absent('event_type') }} as event_type,
    if(
        coalesce({{ opens_a_period(lowered('event_type')) }}, false),
        {{ word_or_absent('source') }},
        'free'
    ) as store,
    case
        when not coalesce({{ opens_a_period(lowered('event_type')) }}, false) then 'in order'
        when expires_at is null then 'without an end'
        when expires_at <= created_at then 'ends before it begins'
        else 'in order'
    end as period
from {{ source('raw', 'subscription_events') }}
