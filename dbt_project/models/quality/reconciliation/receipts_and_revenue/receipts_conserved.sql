{%- set type_then = "lower(" ~ without_blanks("gone.event_type") ~ ")" -%}
with source as (
    {%- for table in ("ai_credit_purchases", "course_purchases", "custom_course_purchases") %}
        select
            '{{ table }}' as source_table,
            id as source_id
        from {{ source('raw', table) }}
        union
        select
            '{{ table }}' as source_table,
            id as source_id
        from {{ source('past', table) }}
        where _op = 'delete'
        union
    {%- endfor %}
    select
        'subscription_events' as source_table,
        id as source_id
    from {{ source('raw', 'subscription_events') }}
    where {{ opens_a_period(lowered('event_type')) }}
    union
    select
        'subscription_events' as source_table,
        gone.id as source_id
    from {{ source('past', 'subscription_events') }} as gone
    anti join {{ source('raw', 'subscription_events') }} as e on gone.id = e.id
    where gone._op = 'delete'
    group by gone.id
    having {{ opens_a_period("max_by(" ~ type_then ~ ", gone._seen_at)") }}
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
