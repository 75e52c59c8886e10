-- Successive versions of a user's play counter of one audio file. Codes that differ in blanks only
-- are one file, but counters of their own: each rises and falls by itself.
with {{ versions_seen("audio_usage") }},

named as (
    select
        id,
        user_id,
        coalesce(nullif(trim(course_code), ''), 'unknown') as course_code,
        coalesce(nullif(trim(audio_number), ''), 'unknown') as audio_number,
        coalesce(course_code, '') as written_course_code,
        coalesce(audio_number, '') as written_audio_number,
        cast(no_of_plays as bigint) as counted_plays,
        updated_at,
        _seen_at as seen_at
    from history
    where _op <> 'delete' and user_id is not null
),

ranked as (
    select
        *,
        row_number() over (
            partition by user_id, written_course_code, written_audio_number, seen_at
            order by updated_at desc, id desc
        ) as choice
    from named
),

versions as (
    select * from ranked
    where choice = 1
),

{{ version_timed(["user_id", "written_course_code", "written_audio_number"]) }},

final as (
    select
        user_id,
        course_code,
        audio_number,
        written_course_code,
        written_audio_number,
        version_number,
        observed_at,
        counted_plays
    from timed
)

select * from final
