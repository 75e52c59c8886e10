with source as (
    select
        'ai_credit_purchases' as source_table,
        id as source_id
    from {{ source('raw', 'ai_credit_purchases') }}
    union
    select
        'ai_credit_purchases' as source_table,
        id as source_id
    from {{ source('past', 'ai_credit_purchases') }}
    where _op = 'delete'
    union
    select
        'course_purchases' as source_table,
        id as source_id
    from {{ source('raw', 'course_purchases') }}
    union
    select
        'course_purchases' as source_table,
        id as source_id
    from {{ source('past', 'course_purchases') }}
    where _op = 'delete'
    union
    select
        'custom_course_purchases' as source_table,
        id as source_id
    from {{ source('raw', 'custom_course_purchases') }}
    union
    select
        'custom_course_purchases' as source_table,
        id as source_id
    from {{ source('past', 'custom_course_purchases') }}
    where _op = 'delete'
    union
    select
        'subscription_events' as source_table,
        id as source_id
    from {{ source('raw', 'subscription_events') }}
    where lower(trim(event_type)) in ('created', 'renewed')
    union
    select
        'subscription_events' as source_table,
        gone.id as source_id
    from {{ source('past', 'subscription_events') }} as gone
    anti join {{ source('raw', 'subscription_events') }} as e on gone.id = e.id
    where gone._op = 'delete'
    group by gone.id
    having max_by(lower(trim(gone.event_type)), gone._seen_at) in ('created', 'renewed')
),

mart as (
    select
        source_table,
        source_id,
        count(*) as mart_rows
    from {{ ref('fct_receipts') }}
    group by all
)

select
    coalesce(source.source_table, mart.source_table) as source_table,
    coalesce(source.source_id, mart.source_id) as source_id,
    coalesce(mart.mart_rows, 0) as mart_rows
from source
full join mart
    on source.source_table = mart.source_table and source.source_id = mart.source_id
where mart.mart_rows is distinct from 1 or source.source_id is null
order by all
