select
    'user_profile' as source_table,
    referred_user_id as source_id,
    referred_user_id as user_id,
    'The code used at sign-up is nobody''s' as explanation,
    cast(0 as decimal(18, 4)) as money_at_stake_usd
from {{ ref('fct_referrals') }}
where referrer_kind = 'unknown_code'
