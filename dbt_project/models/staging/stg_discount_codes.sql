with {{ last_known("discount_codes", people=["referrer_user_id"]) }},

{{ closed_mentions("discount_codes", "referrer_user_id") }},

renamed as (
    select
        source.id as discount_code_id,
        {{ stripped('source.code') }} as discount_code,
        {{ lowered('source.product_type') }} as product_type,
        source.cohort_id,
        cast(source.lifespan_days as bigint) as lifespan_days,
        source.expires_at,
        {{ stripped('source.store_offer_id') }} as store_offer_id,
        {{ stripped('source.product_suffix') }} as product_suffix,
        {{ stripped('source.parent_code') }} as parent_code,
        coalesce(source.referrer_user_id, closed_mentions.referrer_user_id) as referrer_user_id,
        source.created_at,
        source.updated_at,
        source._unreadable,
        source._loaded_at,
        source.source_deleted_at
    from source
    left join closed_mentions on source.id = closed_mentions.id
)

select * from renamed
