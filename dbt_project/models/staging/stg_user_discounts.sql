with {{ last_known("user_discounts", people=["user_id"]) }},

renamed as (
    select
        id as user_discount_id,
        user_id,
        discount_code_id,
        assigned_at,
        expires_at,
        used_at,
        {{ stripped('purchase_id') }} as purchase_id,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
