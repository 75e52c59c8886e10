-- One row per user and extraction that saw a billing state of theirs change.
with {{ seen_at_once(ref('stg_subscriptions_versions'), 'subscription_id') }},

final as (
    select
        user_id,
        seen_at,
        is_deleted,
        plan,
        auto_renew,
        updated_at
    from ranked
    where choice = 1
)

select * from final
