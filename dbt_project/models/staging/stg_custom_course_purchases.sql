with {{ last_known("custom_course_purchases") }},

renamed as (
    select
        id as custom_course_purchase_id,
        course_id as custom_course_id,
        {{ stripped('purchase_id') }} as purchase_id,
        purchase_token_hash,
        {{ lowered('source') }} as store,
        link_token_hash,
        coalesce(is_submitted, false) as is_submitted,
        {{ purchase_status('status') }} as status,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
