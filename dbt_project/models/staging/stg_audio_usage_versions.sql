with {{ versions_seen("audio_usage") }},

renamed as (
    select
        id as audio_usage_id,
        user_id,
        {{ stripped('course_code') }} as course_code,
        {{ stripped('audio_number') }} as audio_number,
        coalesce(course_code, '') as written_course_code,
        coalesce(audio_number, '') as written_audio_number,
        cast(no_of_plays as bigint) as counted_plays,
        updated_at,
        _op = 'delete' as is_deleted,
        _seen_at as seen_at
    from history
)

select * from renamed
