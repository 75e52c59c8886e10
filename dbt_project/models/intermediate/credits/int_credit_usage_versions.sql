-- Successive versions of a user's AI-credit balance, in the order in which they were seen. A row
-- that was deleted and came back, also under another id, goes on where the user's last one stood.
with present as (
    select
        *,
        row_number() over (
            partition by user_id, seen_at
            order by updated_at desc nulls last, ai_usage_id desc nulls last
        ) as choice
    from {{ ref('stg_ai_usage_versions') }}
    where not is_deleted and user_id is not null
),

versions as (
    select * from present
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
