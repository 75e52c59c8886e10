with source as (
    select * from {{ source('raw', 'analytics') }}
),

renamed as (
    select
        id as analytics_id,
        user_id,
        nullif(trim(course_code), '') as course_code,
        nullif(trim(voice), '') as voice,
        nullif(trim(background), '') as background,
        nullif(trim(induction), '') as induction,
        nullif(trim(deepening), '') as deepening,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at
    from source
)

select * from renamed
