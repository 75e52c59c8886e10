-- Successive versions of a user's play counter of one audio file. Codes that differ in blanks only
-- are one file, but counters of their own: each rises and falls by itself.
with {{ seen_at_once(
    ref('stg_audio_usage_versions'),
    ["user_id", "written_course_code", "written_audio_number"],
    "audio_usage_id desc nulls last",
    standing=true
) }},

{{ version_timed(["user_id", "written_course_code", "written_audio_number"]) }},

final as (
    select
        user_id,
        coalesce(course_code, 'unknown') as course_code,
        coalesce(audio_number, 'unknown') as audio_number,
        written_course_code,
        written_audio_number,
        version_number,
        observed_at,
        counted_plays
    from timed
)

select * from final
