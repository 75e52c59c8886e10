select
    'subscription_events' as source_table,
    id as source_id,
    user_id,
    coalesce(nullif(lower(trim(event_type)), ''), 'absent') as event_type,
    if(
        coalesce(lower(trim(event_type)) in ('created', 'renewed'), false),
        coalesce(nullif(lower(trim(source)), ''), 'absent'),
        'free'
    ) as store,
    case
        when not coalesce(lower(trim(event_type)) in ('created', 'renewed'), false) then 'in order'
        when expires_at is null then 'without an end'
        when expires_at <= created_at then 'ends before it begins'
        else 'in order'
    end as period
from {{ source('raw', 'subscription_events') }}
