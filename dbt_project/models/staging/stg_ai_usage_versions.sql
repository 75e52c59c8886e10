with {{ versions_seen("ai_usage") }},

renamed as (
    select
        id as ai_usage_id,
        user_id,
        cast(weekly_limit_credits as bigint) as weekly_limit_credits,
        cast(weekly_used_credits as bigint) as weekly_used_credits,
        weekly_reset_date as weekly_reset_at,
        cast(bank_limit_credits as bigint) as bank_limit_credits,
        cast(bank_used_credits as bigint) as bank_used_credits,
        updated_at,
        _op = 'delete' as is_deleted,
        _seen_at as seen_at
    from history
)

select * from renamed
