-- Successive versions of a user's AI-credit balance, in the order in which they were seen. A row
-- that was deleted and came back, also under another id, goes on where the user's last one stood.
with {{ versions_seen("ai_usage") }},

present as (
    select
        *,
        row_number() over (
            partition by user_id, _seen_at
            order by updated_at desc, id desc
        ) as choice
    from history
    where _op <> 'delete' and user_id is not null
),

versions as (
    select
        user_id,
        id as ai_usage_id,
        cast(weekly_limit_credits as bigint) as weekly_limit_credits,
        cast(weekly_used_credits as bigint) as weekly_used_credits,
        weekly_reset_date as weekly_reset_at,
        cast(bank_limit_credits as bigint) as bank_limit_credits,
        cast(bank_used_credits as bigint) as bank_used_credits,
        updated_at,
        _seen_at as seen_at
    from present
    where choice = 1
),

{{ version_timed(["user_id"]) }},

final as (
    select
        user_id,
        version_number,
        observed_at,
        seen_at,
        ai_usage_id,
        weekly_limit_credits,
        weekly_used_credits,
        weekly_reset_at,
        bank_limit_credits,
        bank_used_credits
    from timed
)

select * from final
