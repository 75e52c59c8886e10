select
    'referral_credits' as source_table,
    c.referral_credit_id as source_id,
    c.user_id,
    'Rewarded for a user who came by no code' as explanation,
    c.amount_usd as money_at_stake_usd
from {{ ref('stg_referral_credits') }} as c
left join {{ ref('fct_referrals') }} as r on c.referred_user_id = r.referred_user_id
where
    r.referred_user_id is null
    and (c.referred_user_id is not null or c.source = 'user_referral')
