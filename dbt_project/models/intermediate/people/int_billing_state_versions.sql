-- One row per user and extraction that saw a billing state of theirs change.
with {{ seen_at_once(ref('stg_subscriptions_versions'), ['user_id'], 'subscription_id asc') }},

final as (
    select
        user_id,
        seen_at,
        is_deleted,
        is_passed_on,
        plan,
        auto_renew,
        updated_at
    from versions
)

select * from final
