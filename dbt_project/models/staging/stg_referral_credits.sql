with {{ last_known("referral_credits", people=["user_id", "referred_user_id"]) }},

{{ closed_mentions("referral_credits", "referred_user_id") }},

renamed as (
    select
        source.id as referral_credit_id,
        source.user_id,
        coalesce(source.referred_user_id, closed_mentions.referred_user_id) as referred_user_id,
        cast(source.amount as decimal(18, 4)) as amount_usd,
        {{ lowered('source.source') }} as source,
        source.expires_at,
        source.used_at,
        source.created_at,
        source.updated_at,
        source._unreadable,
        source._loaded_at,
        source.source_deleted_at
    from source
    left join closed_mentions on source.id = closed_mentions.id
)

select * from renamed
