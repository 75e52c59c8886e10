with source_rows as (
    select
        'ai_credit_purchases' as source_table,
        count(*) as receipts
    from {{ ref('stg_ai_credit_purchases') }}
    union all
    select
        'course_purchases' as source_table,
        count(*) as receipts
    from {{ ref('stg_course_purchases') }}
    union all
    select
        'custom_course_purchases' as source_table,
        count(*) as receipts
    from {{ ref('stg_custom_course_purchases') }}
    union all
    select
        'subscription_events' as source_table,
        count(*) as receipts
    from {{ ref('stg_subscription_events') }}
    where {{ opens_a_period('event_type') }}
),

mart_rows as (
    select
        source_table,
        count(*) as receipts
    from {{ ref('fct_receipts') }}
    group by source_table
)

select
    source_rows.source_table,
    source_rows.receipts,
    mart_rows.receipts as mart_receipts
from source_rows
left join mart_rows on source_rows.source_table = mart_rows.source_table
where source_rows.receipts <> coalesce(mart_rows.receipts, 0)
