select
    'referral_credits' as source_table,
    c.referral_credit_id as source_id,
    c.user_id,
    if(
        c.user_id is distinct from r.referrer_user_id,
        'The reward went to another user than the referrer',
        'The reward is not of the agreed amount'
    ) as explanation,
    c.amount_usd as money_at_stake_usd
from {{ ref('stg_referral_credits') }} as c
inner join {{ ref('fct_referrals') }} as r on c.referred_user_id = r.referred_user_id
where
    r.expected_reward_usd > 0
    and (c.user_id is distinct from r.referrer_user_id or c.amount_usd <> r.expected_reward_usd)
