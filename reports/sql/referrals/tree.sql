-- The referrals of the six largest chains, root by root.
-- became_premium: Whether the referred user has begun a paid subscription period.
with roots as (
    select
        root_user_id,
        chain_referrals
    from referral_chains
    order by chain_referrals desc, root_user_id
    limit 6
)

select
    referrals.root_user_id,
    referrals.referrer_user_id,
    referrals.referred_user_id,
    referrals.depth,
    referrals.first_premium_at is not null as became_premium
from fct_referrals as referrals
inner join roots on referrals.root_user_id = roots.root_user_id
where not referrals.is_test and referrals.signed_up_at < cast($until as date)
order by
    roots.chain_referrals desc, referrals.root_user_id, referrals.depth, referrals.signed_up_at,
    referrals.referred_user_id
limit 120
