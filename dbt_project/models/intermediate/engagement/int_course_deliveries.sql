-- When a made-to-order course was first seen with at least one audio file.
with {{ seen_at_once(
    ref('stg_custom_courses_versions'), ["custom_course_id"], standing=true
) }},

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
