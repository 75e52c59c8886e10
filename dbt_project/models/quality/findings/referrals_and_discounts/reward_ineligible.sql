select
    'referral_credits' as source_table,
    c.referral_credit_id as source_id,
    c.user_id,
    'Rewarded, though the rule expects none for this referral' as explanation,
    c.amount_usd as money_at_stake_usd
from {{ ref('stg_referral_credits') }} as c
inner join {{ ref('fct_referrals') }} as r on c.referred_user_id = r.referred_user_id
where r.reward_status = 'ineligible'
