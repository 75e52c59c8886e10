with {{ last_known("subscriptions", people=["user_id"]) }},

renamed as (
    select
        id as subscription_id,
        user_id,
        {{ lowered('plan') }} as plan,
        expires_at,
        auto_renew,
        purchase_token_hash,
        {{ stripped('purchase_id') }} as purchase_id,
        {{ stripped('product_id') }} as product_id,
        {{ stripped('base_plan_id') }} as base_plan_id,
        {{ stripped('offer_id') }} as offer_id,
        {{ stripped('plan_title') }} as plan_title,
        plan_description,
        {{ lowered('source') }} as store,
        {{ stripped('transaction_date') }} as transaction_date,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
