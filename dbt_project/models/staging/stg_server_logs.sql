with {{ last_known("server_logs", people=["user_id"]) }},

renamed as (
    select
        id as server_log_id,
        {{ stripped('function_name') }} as function_name,
        {{ lowered('level') }} as level,
        user_id,
        cast(duration_ms as bigint) as duration_ms,
        created_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
