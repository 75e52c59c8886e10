with {{ last_known("ai_usage", people=["user_id"]) }},

renamed as (
    select
        id as ai_usage_id,
        user_id,
        cast(weekly_limit_credits as bigint) as weekly_limit_credits,
        cast(weekly_used_credits as bigint) as weekly_used_credits,
        weekly_reset_date,
        cast(bank_limit_credits as bigint) as bank_limit_credits,
        cast(bank_used_credits as bigint) as bank_used_credits,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
