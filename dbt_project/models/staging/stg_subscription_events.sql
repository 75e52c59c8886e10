with {{ last_known("subscription_events", people=["user_id"]) }},

renamed as (
    select
        id as subscription_event_id,
        user_id,
        subscription_id,
        {{ lowered('event_type') }} as event_type,
        {{ stripped('product_id') }} as product_id,
        {{ stripped('base_plan_id') }} as base_plan_id,
        {{ stripped('offer_id') }} as offer_id,
        {{ lowered('source') }} as store,
        {{ stripped('purchase_id') }} as purchase_id,
        expires_at,
        created_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
