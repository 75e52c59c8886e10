with {{ last_known("subscriptions", people=["user_id"]) }},

renamed as (
    select
        id as subscription_id,
        user_id,
        nullif(lower(trim(plan)), '') as plan,
        expires_at,
        auto_renew,
        purchase_token_hash,
        nullif(trim(purchase_id), '') as purchase_id,
        nullif(trim(product_id), '') as product_id,
        nullif(trim(base_plan_id), '') as base_plan_id,
        nullif(trim(offer_id), '') as offer_id,
        nullif(trim(plan_title), '') as plan_title,
        plan_description,
        nullif(lower(trim(source)), '') as store,
        nullif(trim(transaction_date), '') as transaction_date,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
