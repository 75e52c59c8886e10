with {{ last_known("audio_usage", people=["user_id"]) }},

renamed as (
    select
        id as audio_usage_id,
        user_id,
        {{ stripped('course_code') }} as course_code,
        {{ stripped('audio_number') }} as audio_number,
        title,
        cast(no_of_plays as bigint) as no_of_plays,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
