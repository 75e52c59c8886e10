with {{ versions_seen("subscriptions") }},

renamed as (
    select
        id as subscription_id,
        user_id,
        {{ lowered('plan') }} as plan,
        auto_renew,
        updated_at,
        _op = 'delete' as is_deleted,
        _is_passed_on as is_passed_on,
        _seen_at as seen_at
    from history
)

select * from renamed
