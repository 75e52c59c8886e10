with {{ last_known("course_purchases", people=["user_id"]) }},

renamed as (
    select
        id as course_purchase_id,
        user_id,
        {{ stripped('course_code') }} as course_code,
        {{ stripped('voice') }} as voice,
        {{ stripped('product_id') }} as product_id,
        {{ stripped('purchase_id') }} as purchase_id,
        purchase_token_hash,
        {{ lowered('source') }} as store,
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
