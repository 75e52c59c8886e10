with {{ last_known("user_profile", key="user_id") }},

renamed as (
    select
        user_id,
        {{ stripped('country') }} as country,
        {{ stripped('lead_source') }} as lead_source,
        {{ stripped('referral_code') }} as referral_code,
        {{ stripped('referred_by_code') }} as referred_by_code,
        {{ lowered('role') }} as role,
        coalesce({{ lowered('role') }} in ('tester', 'admin'), false) as is_test,
        created_at as signed_up_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
    where user_id not in (select rekeyed.old_user_id from {{ ref('stg_rekeyed_users') }} as rekeyed)
)

select * from renamed
