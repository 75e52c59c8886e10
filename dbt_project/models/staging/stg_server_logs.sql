with standing as (
    select * from {{ source('raw', 'server_logs') }}
),

{{ of_present_ids("source", "standing", ["user_id"]) }},

renamed as (
    select
        id as server_log_id,
        function_name,
        nullif(lower(trim(level)), '') as level,
        user_id,
        cast(duration_ms as bigint) as duration_ms,
        created_at,
        _unreadable,
        _loaded_at
    from source
)

select * from renamed
