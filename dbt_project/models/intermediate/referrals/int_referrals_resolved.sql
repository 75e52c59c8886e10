-- One row per referred user (signed up with a code), with the one referrer the code stands for. A
-- discount code that belongs to a user names that user as referrer, but earns no reward.
with users as (
    select * from {{ ref('stg_user_profile') }}
),

codes as (
    select * from {{ ref('int_referral_codes_ranked') }}
),

referred as (
    select
        user_id,
        {{ stripped('referred_by_code') }} as referred_by_code,
        {{ normalised_code('referred_by_code') }} as code_key,
        is_test,
        signed_up_at
    from users
),

final as (
    select
        referred.user_id as referred_user_id,
        referred.is_test or coalesce(referrers.is_test, false) as is_test,
        referred.referred_by_code as code,
        coalesce(codes.referrer_kind, 'unknown_code') as referrer_kind,
        codes.referrer_user_id,
        codes.partner_code,
        referred.signed_up_at,
        referrers.signed_up_at as referrer_signed_up_at,
        coalesce(codes.referrer_user_id = referred.user_id, false) as is_self_referral
    from referred
    left join codes on referred.code_key = codes.code_key
    left join users as referrers on codes.referrer_user_id = referrers.user_id
    where referred.code_key is not null
)

select * from final
