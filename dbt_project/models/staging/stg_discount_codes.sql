with source as (
    select * from {{ source('raw', 'discount_codes') }}
),

renamed as (
    select
        id as discount_code_id,
        nullif(trim(code), '') as discount_code,
        nullif(lower(trim(product_type)), '') as product_type,
        cohort_id,
        cast(lifespan_days as bigint) as lifespan_days,
        expires_at,
        nullif(trim(store_offer_id), '') as store_offer_id,
        nullif(trim(product_suffix), '') as product_suffix,
        nullif(trim(parent_code), '') as parent_code,
        referrer_user_id,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at
    from source
)

select * from renamed
