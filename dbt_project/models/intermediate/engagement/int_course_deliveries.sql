-- When a made-to-order course was first seen with at least one audio file.
with ranked as (
    select
        *,
        row_number() over (
            partition by custom_course_id, seen_at order by updated_at desc nulls last
        ) as choice
    from {{ ref('stg_custom_courses_versions') }}
    where not is_deleted
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
