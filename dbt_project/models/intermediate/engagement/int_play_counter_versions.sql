-- Successive versions of a user's play counter of one audio file. Codes that differ in blanks only
-- are one file, but counters of their own: each rises and falls by itself.
with ranked as (
    select
        *,
        row_number() over (
            partition by user_id, written_course_code, written_audio_number, seen_at
            order by updated_at desc nulls last, audio_usage_id desc nulls last
        ) as choice
    from {{ ref('stg_audio_usage_versions') }}
    where not is_deleted and user_id is not null
),

versions as (
    select * from ranked
    where choice = 1
),

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
