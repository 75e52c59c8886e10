with rewards as (
    select
        c.*,
        row_number() over (
            partition by c.referred_user_id
            order by
                (c.user_id = r.referrer_user_id) desc nulls last,
                c.created_at asc,
                c.referral_credit_id asc
        ) as number
    from {{ ref('stg_referral_credits') }} as c
    inner join {{ ref('fct_referrals') }} as r on c.referred_user_id = r.referred_user_id
    where r.reward_status = 'duplicate'
)

select
    'referral_credits' as source_table,
    referral_credit_id as source_id,
    user_id,
    'The referred user was rewarded before' as explanation,
    amount_usd as money_at_stake_usd
from rewards
where number > 1
