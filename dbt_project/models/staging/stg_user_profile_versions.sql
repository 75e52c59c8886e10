with {{ versions_seen("user_profile", passes_on=false) }},

renamed as (
    select
        user_id,
        {{ stripped('country') }} as country,
        {{ stripped('lead_source') }} as lead_source,
        {{ lowered('role') }} as role,
        {{ stripped('referral_code') }} as referral_code,
        updated_at,
        _op = 'delete' as is_deleted,
        _seen_at as seen_at
    from history
)

select * from renamed
