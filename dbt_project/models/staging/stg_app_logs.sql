with standing as (
    select * from {{ source('raw', 'app_logs') }}
),

{{ of_present_ids("source", "standing", ["user_id"]) }},

renamed as (
    select
        id as app_log_id,
        user_id,
        nullif(lower(trim(log_type)), '') as log_type,
        nullif(lower(trim(origin)), '') as origin,
        created_at,
        updated_at,
        issue_type,
        is_skipped_sync,
        is_failed_validation,
        _unreadable,
        _loaded_at
    from source
)

select * from renamed
