with {{ last_known("custom_courses", people=["user_id"]) }},

renamed as (
    select
        id as custom_course_id,
        user_id,
        {{ stripped('course_code') }} as course_code,
        cast(file_size_bytes as bigint) as file_size_bytes,
        created_at,
        updated_at,
        is_delivered,
        cast(audio_files as bigint) as audio_files,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
