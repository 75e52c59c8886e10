with {{ last_known("app_logs", people=["user_id"]) }},

{{ closed_mentions("app_logs", "user_id") }},

renamed as (
    select
        source.id as app_log_id,
        coalesce(source.user_id, closed_mentions.user_id) as user_id,
        {{ lowered('source.log_type') }} as log_type,
        {{ lowered('source.origin') }} as origin,
        source.created_at,
        source.updated_at,
        source.issue_type,
        source.is_skipped_sync,
        source.is_failed_validation,
        source._unreadable,
        source._loaded_at,
        source.source_deleted_at
    from source
    left join closed_mentions on source.id = closed_mentions.id
)

select * from renamed
