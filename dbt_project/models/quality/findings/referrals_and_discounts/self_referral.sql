select
    'user_profile' as source_table,
    referred_user_id as source_id,
    referred_user_id as user_id,
    'Signed up with their own code: no reward, no depth' as explanation,
    expected_reward_usd as money_at_stake_usd
from {{ ref('fct_referrals') }}
where is_self_referral
