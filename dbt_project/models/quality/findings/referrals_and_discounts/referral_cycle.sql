select
    'user_profile' as source_table,
    referred_user_id as source_id,
    referred_user_id as user_id,
    'Stands on a ring of referrals or below one: no reward, no depth' as explanation,
    expected_reward_usd as money_at_stake_usd
from {{ ref('fct_referrals') }}
where is_cycle and not is_self_referral
