-- Successive versions of a user's AI-credit balance, in the order in which they were seen. A row
-- that was deleted and came back, also under another id, goes on where the user's last one stood.
with {{ seen_at_once(
    ref('stg_ai_usage_versions'), ["user_id"], "ai_usage_id desc nulls last", standing=true
) }},

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
