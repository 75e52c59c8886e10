with {{ last_known("ai_credit_purchases", people=["user_id"]) }},

renamed as (
    select
        id as ai_credit_purchase_id,
        user_id,
        {{ purchase_columns() }}
        cast(credits_amount as bigint) as credits,
        amount_paid,
        {{ stripped('currency') }} as currency,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
