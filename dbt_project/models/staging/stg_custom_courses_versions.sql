with history as (
    select * from {{ source('history', 'custom_courses') }}
),

renamed as (
    select
        id as custom_course_id,
        is_delivered,
        updated_at,
        _op = 'delete' as is_deleted,
        _seen_at as seen_at
    from history
)

select * from renamed
