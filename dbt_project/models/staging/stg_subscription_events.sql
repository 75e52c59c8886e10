with {{ last_known("subscription_events", people=["user_id"]) }},

renamed as (
    select
        id as subscription_event_id,
        user_id,
        subscription_id,
        nullif(lower(trim(event_type)), '') as event_type,
        nullif(trim(product_id), '') as product_id,
        nullif(trim(base_plan_id), '') as base_plan_id,
        nullif(trim(offer_id), '') as offer_id,
        nullif(lower(trim(source)), '') as store,
        nullif(trim(purchase_id), '') as purchase_id,
        expires_at,
        created_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
