with {{ last_known("courses") }},

renamed as (
    select
        id as course_id,
        {{ stripped('course_code') }} as course_code,
        title,
        description,
        price,
        {{ stripped('currency') }} as currency,
        audio,
        icon,
        workbooks,
        checksum,
        cast(file_size_bytes as bigint) as file_size_bytes,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
