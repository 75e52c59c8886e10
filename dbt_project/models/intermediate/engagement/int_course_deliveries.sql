-- When a made-to-order course was first seen with at least one audio file.
with history as (
    select * from {{ source('history', 'custom_courses') }}
),

ranked as (
    select
        id as custom_course_id,
        is_delivered,
        updated_at,
        _seen_at as seen_at,
        row_number() over (partition by id, _seen_at order by updated_at desc) as choice
    from history
    where _op <> 'delete'
),

versions as (
    select * from ranked
    where choice = 1
),

{{ version_timed(["custom_course_id"]) }},

final as (
    select
        custom_course_id,
        min(observed_at) as delivered_at
    from timed
    where is_delivered
    group by custom_course_id
)

select * from final
