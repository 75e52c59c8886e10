-- One row per referred user (signed up with a code), with the one referrer the code stood for then.
-- A discount code that belongs to a user names that user as referrer, but earns no reward.
--
-- Of several holders of a code: who held it at the sign-up, then by the app's order of lookup, then
-- the oldest. A holder known only from later still counts where nobody else does: changes of a code
-- are seen late. Whose code was gone before the sign-up counts no more.
with users as (
    select * from {{ ref('stg_user_profile') }}
),

codes as (
    select * from {{ ref('int_referral_codes_held') }}
),

referred as (
    select
        user_id,
        referred_by_code,
        lower(referred_by_code) as code_key,
        is_test,
        signed_up_at
    from users
),

held as (
    select
        referred.user_id,
        codes.referrer_kind,
        codes.referrer_user_id,
        codes.partner_code,
        row_number() over (
            partition by referred.user_id
            order by
                coalesce(referred.signed_up_at >= codes.held_from_at, true) desc nulls last,
                codes.lookup_order asc,
                codes.created_at asc,
                codes.source_id asc,
                codes.held_from_at asc
        ) as place
    from referred
    inner join codes on referred.code_key = codes.code_key
    where coalesce(referred.signed_up_at < codes.held_until_at, true)
),

chosen as (
    select * from held
    where place = 1
),

ranked as (
    select
        referred.*,
        chosen.referrer_kind,
        chosen.referrer_user_id,
        chosen.partner_code
    from referred
    left join chosen on referred.user_id = chosen.user_id
    where referred.code_key is not null
),

final as (
    select
        ranked.user_id as referred_user_id,
        ranked.is_test or coalesce(referrers.is_test, false) as is_test,
        ranked.referred_by_code as code,
        coalesce(ranked.referrer_kind, 'unknown_code') as referrer_kind,
        ranked.referrer_user_id,
        ranked.partner_code,
        ranked.signed_up_at,
        referrers.signed_up_at as referrer_signed_up_at,
        coalesce(ranked.referrer_user_id = ranked.user_id, false) as is_self_referral
    from ranked
    left join users as referrers on ranked.referrer_user_id = referrers.user_id
)

select * from final
