with {{ last_known("course_purchases", people=["user_id"]) }},

renamed as (
    select
        id as course_purchase_id,
        user_id,
        {{ stripped('course_code') }} as course_code,
        {{ stripped('voice') }} as voice,
        {{ purchase_columns() }}
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
