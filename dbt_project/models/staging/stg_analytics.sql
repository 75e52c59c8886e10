with {{ last_known("analytics", people=["user_id"]) }},

renamed as (
    select
        id as analytics_id,
        user_id,
        {{ stripped('course_code') }} as course_code,
        {{ stripped('voice') }} as voice,
        {{ stripped('background') }} as background,
        {{ stripped('induction') }} as induction,
        {{ stripped('deepening') }} as deepening,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
),

-- Codes that differ in blanks only are one course: the row changed last speaks for its user.
ranked as (
    select
        *,
        row_number() over (
            partition by user_id, course_code, source_deleted_at is null
            order by updated_at desc nulls last, analytics_id asc
        ) = 1 as is_canonical
    from renamed
)

select * from ranked
