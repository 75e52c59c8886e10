-- The longest reaching recruiters.
select
    root_user_id,
    direct_referrals,
    chain_referrals,
    max_depth,
    chain_proceeds_usd
from referral_chains
order by chain_referrals desc, root_user_id
limit 25
