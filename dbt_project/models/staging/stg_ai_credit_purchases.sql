with {{ last_known("ai_credit_purchases", people=["user_id"]) }},

renamed as (
    select
        id as ai_credit_purchase_id,
        user_id,
        {{ stripped('product_id') }} as product_id,
        {{ stripped('purchase_id') }} as purchase_id,
        purchase_token_hash,
        {{ lowered('source') }} as store,
        cast(credits_amount as bigint) as credits,
        amount_paid,
        {{ stripped('currency') }} as currency,
        {{ purchase_status('status') }} as status,
        {{ stripped('transaction_date') }} as transaction_date,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
