with source as (
    select * from {{ source('raw', 'referral_credits') }}
),

renamed as (
    select
        id as referral_credit_id,
        user_id,
        referred_user_id,
        cast(amount as decimal(18, 4)) as amount_usd,
        nullif(lower(trim(source)), '') as source,
        expires_at,
        used_at,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at
    from source
)

select * from renamed
